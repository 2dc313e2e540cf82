"""Runs one peer on one piece of work in this process and prints a line of JSON.

    peer.py ENGINE WORK SIZE THREADS RUNS FOLDER
"""

import importlib
import json
import resource
import statistics
import sys
import time

import engines


def torch(fmt):
    def build(work, _folder, size, threads):
        import engine_torch
        return engine_torch.build(work, size, threads, fmt == "channels_last")
    return build


def forward(build, *options):
    return lambda _work, folder, size, threads: build(folder, size, threads, *options)


ENGINES = {
    "torch": torch("contiguous"),
    "torch-channels-last": torch("channels_last"),
    "onnxruntime": forward(engines.onnxruntime),
    "ncnn-f43": forward(engines.ncnn, 43),
    "ncnn-f63": forward(engines.ncnn, 63),
    "mnn": forward(engines.mnn),
}


def peak_rss():
    """The most memory that this process had resident, in bytes."""
    try:
        with open("/proc/self/status") as f:
            return next(int(line.split()[1]) << 10 for line in f if line.startswith("VmHWM"))
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << (0 if sys.platform == "darwin" else 10)


def main(engine, work, size, threads, runs, folder):
    importlib.import_module("MNN" if engine == "mnn" else engine.split("-")[0])
    imported = peak_rss()
    run, version = ENGINES[engine](work, folder, int(size), int(threads))
    out = run()
    seconds = []
    for _ in range(int(runs)):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    line = {"version": version, "median_s": statistics.median(seconds), "peak_rss_bytes": peak_rss(), "import_rss_bytes": imported}
    if work == "vgg19/forward":  # so that it shows if somebody computes something else
        line["mean"] = float(out.mean())
    print(json.dumps(line))


if __name__ == "__main__":
    main(*sys.argv[1:])
