"""Compares the flows of package flow with those of OpenCV's DISOpticalFlow, in accuracy and in time.

    go test ./flow -run TestScenes -args -scenes /tmp/scenes
    go test -c -o /tmp/flow.test ./flow
    python3 flow/testdata/opencv.py /tmp/scenes /tmp/flow.test

It needs opencv-python-headless and numpy. The times are of the benchmark and of OpenCV on the same pictures and as
many threads, in turns: the medians of several runs.
"""
import pathlib
import re
import subprocess
import sys
import time

import cv2
import numpy as np

THREADS = 2
PRESETS = ["ultrafast", "fast", "medium"]


def read_flo(path):
    data = path.read_bytes()
    w, h = np.frombuffer(data, "<i4", 2, 4)
    return np.frombuffer(data, "<f4", 2 * w * h, 12).reshape(h, w, 2)


def gray(path):
    return cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)


def error(flow, truth, skip):
    return np.hypot(*(flow - truth).transpose(2, 0, 1))[~skip].mean()


def accuracy(folder):
    print(f"{'mean distance from the truth, pixels':30}" + "".join(f"{p:>12} OpenCV" for p in PRESETS))
    for scene in sorted(folder.iterdir()):
        a, b = gray(scene / "a.png"), gray(scene / "b.png")
        for way, first, second, skip in (("forward", a, b, "hidden"), ("backward", b, a, "uncovers")):
            truth, skip = read_flo(scene / f"{way}.flo"), gray(scene / f"{skip}.png") > 0
            line = f"{scene.name} {way}".ljust(34)
            for k, preset in enumerate(PRESETS):
                ours = read_flo(scene / f"oneiro-{'back-' if way == 'backward' else ''}{preset}.flo")
                theirs = cv2.DISOpticalFlow_create(k).calc(first, second, None)
                line += f"{error(ours, truth, skip):12.3f} {error(theirs, truth, skip):6.3f}"
            print(line)


def hidden(there, back):
    """What a flow there and one back say is hidden, as package flow has it but for interpolation."""
    h, w = there.shape[:2]
    x, y = np.meshgrid(np.arange(w, dtype="f4"), np.arange(h, dtype="f4"))
    x, y = x + there[..., 0], y + there[..., 1]
    b = cv2.remap(back, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    square = lambda f: (f * f).sum(-1)
    outside = (x < -0.5) | (y < -0.5) | (x > w - 0.5) | (y > h - 0.5)
    return outside | (square(there + b) > 0.01 * (square(there) + square(b)) + 0.5)


def occlusion(folder):
    print("F1 of what is hidden, medium: oneiro, OpenCV")
    for scene in sorted(folder.iterdir()):
        if "occluder" not in scene.name and "both" not in scene.name:
            continue
        a, b, truth = gray(scene / "a.png"), gray(scene / "b.png"), gray(scene / "hidden.png") > 0
        dis = cv2.DISOpticalFlow_create(2)
        flows = [(read_flo(scene / "oneiro-medium.flo"), read_flo(scene / "oneiro-back-medium.flo")),
                 (dis.calc(a, b, None), dis.calc(b, a, None))]
        f1 = lambda found: 2 * (found & truth).sum() / (found.sum() + truth.sum())
        print(f"{scene.name:34}" + "".join(f"{f1(hidden(*f)):8.3f}" for f in flows))


def speed(scene, program, rounds=5):
    a, b = gray(scene / "a.png"), gray(scene / "b.png")
    times = {}
    for _ in range(rounds):
        out = subprocess.run([program, "-test.run=^$", "-test.bench=Estimate", "-test.benchtime=10x",
                              f"-test.cpu={THREADS}"], capture_output=True, text=True, check=True).stdout
        for preset, ns in re.findall(r"Estimate/(\w+)\S*\s+\d+\s+(\d+) ns/op", out):
            times.setdefault((preset, "oneiro"), []).append(int(ns) / 1e6)
        for k, preset in enumerate(PRESETS):
            dis = cv2.DISOpticalFlow_create(k)
            dis.calc(a, b, None)
            start = time.perf_counter()
            for _ in range(10):
                dis.calc(a, b, None)
            times.setdefault((preset, "OpenCV"), []).append((time.perf_counter() - start) * 100)
    for preset in PRESETS:
        ours, theirs = np.array(times[preset, "oneiro"]), np.array(times[preset, "OpenCV"])
        print(f"{preset}: oneiro {np.median(ours):.1f} ms, OpenCV {np.median(theirs):.1f} ms, ratio "
              f"{np.median(ours / theirs):.2f} ({(ours / theirs).min():.2f} to {(ours / theirs).max():.2f})")


if __name__ == "__main__":
    cv2.setNumThreads(THREADS)
    folder = pathlib.Path(sys.argv[1])
    accuracy(folder)
    occlusion(folder)
    if len(sys.argv) > 2:
        speed(folder / "960x540-both-move", sys.argv[2])
