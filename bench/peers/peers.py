"""Runs the same work in oneiro and its peers, interleaved, and prints a table of medians, ratios and memory.

Every measurement is a process of its own, which warms up and then takes the median of some runs. In each round
everybody has one turn: ratios are taken within a round, and their median over the rounds is printed, because other
users of a machine slow everybody down alike. A ratio says how many times as long the peer takes as oneiro.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
FORWARD = ["torch", "torch-channels-last", "onnxruntime", "ncnn-f43", "ncnn-f63", "mnn"]
WORK = {"vgg19/forward": FORWARD, "vgg19/step": FORWARD[:2], "googlenet/step": FORWARD[:2]}


def arguments():
    p = argparse.ArgumentParser(prog="bench/peers/run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    numbers = lambda s: [int(n) for n in s.split(",")]
    p.add_argument("--work", default=",".join(WORK), help="of " + ", ".join(WORK))
    p.add_argument("--sizes", type=numbers, default=[256, 512, 1024], help="sides of the picture in pixels: 256,512,1024 (default all)")
    p.add_argument("--threads", type=numbers, default=[1, 2], help="numbers of threads (default 1,2)")
    p.add_argument("--engines", default=",".join(FORWARD), help="of " + ", ".join(FORWARD) + " (default all)")
    p.add_argument("--rounds", type=int, default=5, help="turns of each (default 5)")
    p.add_argument("--runs", type=int, default=3, help="runs in a turn (default 3)")
    p.add_argument("--json", type=Path, help="file to write every turn to, one line of JSON each")
    a = p.parse_args()
    a.work, a.engines = a.work.split(","), a.engines.split(",")
    if unknown := set(a.work) - set(WORK) | set(a.engines) - set(FORWARD) | set(map(str, a.sizes)) - {"256", "512", "1024"}:
        p.error("not known: " + ", ".join(sorted(unknown)))
    return a


def turn(engine, work, size, threads, runs, folder):
    """Runs one process and returns its result, or None if it failed."""
    if engine == "oneiro":
        net, kind = work.split("/")
        command = [Path(sys.executable).parent / "oneiro", "bench", "--json", "--workload", f"{net}/{size}/{kind}",
                   "--threads", str(threads), "--rounds", str(runs), "--limit", "1000"]
    else:
        command = [sys.executable, HERE / "peer.py", engine, work, str(size), str(threads), str(runs), folder]
    env = dict(os.environ, OMP_NUM_THREADS=str(threads))
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    if done.returncode:
        print(f"{engine} failed ({done.returncode}): {''.join(done.stderr.splitlines()[-1:])}", file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def table(work, size, threads, turns):
    """Prints the medians of everybody who never failed, the slowest last."""
    ours = [t["median_s"] for t in turns["oneiro"]]
    print(f"\n{work} at {size}x{size}, threads: {threads}")
    print(f"{'':24} {'median ms':>10} {'ratio':>7} {'range':>14} {'peak RSS MiB':>13} {'imported':>9}")
    median = lambda engine: statistics.median(t["median_s"] for t in turns[engine])
    for engine in sorted(turns, key=median):
        theirs = turns[engine]
        ratios = [t["median_s"] / o for t, o in zip(theirs, ours)]
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        rss, imported = (max(t.get(key, 0) for t in theirs) / 2**20 for key in ("peak_rss_bytes", "import_rss_bytes"))
        print(f"{engine:24} {1e3 * median(engine):10.1f} {statistics.median(ratios):7.2f} {spread:>14} {rss:13.0f} {imported or '':9.4}")
    sys.stdout.flush()


def check(turns):
    """Drops the peers that computed something else than most: the mean of relu5_1 tells."""
    means = {e: [t["mean"] for t in ts] for e, ts in turns.items() if "mean" in ts[0]}
    if not means:
        return
    expected = statistics.median_low(m for ms in means.values() for m in ms)
    for engine, ms in means.items():
        if not all(abs(m - expected) <= 1e-4 * abs(expected) for m in ms):
            print(f"{engine} is wrong: mean {ms}, not {expected}", file=sys.stderr)
            del turns[engine]


def measure(a, work, size, threads, folder, log):
    engines = ["oneiro"] + [e for e in WORK[work] if e in a.engines]
    turns = {e: [] for e in engines}
    for _ in range(a.rounds):
        for engine in list(turns):
            result = turn(engine, work, size, threads, a.runs, folder)
            if result is None:
                if engine == "oneiro":
                    sys.exit(1)
                del turns[engine]
                continue
            turns[engine].append(result)
            if log:
                print(json.dumps({"engine": engine, "work": work, "size": size, "threads": threads, **result}), file=log, flush=True)
    versions = {t[0]["version"] for t in turns.values() if "version" in t[0]}
    check(turns)
    table(work, size, threads, turns)
    return versions


def main():
    a = arguments()
    versions = set()
    log = a.json and a.json.open("w")
    with tempfile.TemporaryDirectory() as folder:
        if "vgg19/forward" in a.work and set(FORWARD[2:]) & set(a.engines):
            subprocess.run([sys.executable, HERE / "models.py", folder, *map(str, a.sizes)], check=True, stdout=subprocess.DEVNULL)
        for work in a.work:
            for size in a.sizes:
                for threads in a.threads:
                    versions |= measure(a, work, size, threads, folder, log)
    print("\n" + ", ".join(sorted(versions)))


if __name__ == "__main__":
    main()
