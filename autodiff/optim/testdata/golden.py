"""Writes golden.json: traces of torch's optimisers on the functions of functions_test.go, and of its
line search alone on functions of one variable.

    pip install torch numpy
    python golden.py

Every trace is run with the vector in float32 and in float64. The function itself is always
evaluated in float64 and only its gradient is rounded to the type of the vector, so that the
difference between the two runs is what rounding inside the optimiser does. "points" and "losses" are
the float32 run; "rounding" is how far float32 has come from float64 so far, at most, over this run
and others with the elements of the vector in another order.
"""
import json
import math
import pathlib

import numpy as np
import torch
from torch.optim.lbfgs import _strong_wolfe

torch.set_num_threads(1)


def rosenbrock(x):
    a, b = x[:-1], x[1:]
    r = b - a * a
    g = np.zeros_like(x)
    g[:-1] += -400 * a * r - 2 * (1 - a)
    g[1:] += 200 * r
    return np.sum(100 * r * r + (1 - a) ** 2), g


def quadratic(x):
    n = len(x)
    w = 10 ** (4 * np.arange(n) / (n - 1))  # condition number 1e4
    r = x - np.cos(np.arange(n))
    return 0.5 * np.sum(w * r * r), w * r


def nonconvex(x):
    n = len(x)
    j, i = np.meshgrid(np.arange(n), np.arange(2 * n))
    a = np.sin(1 + 7 * i + 3 * j * j)
    p = a @ x + np.arange(2 * n)
    return np.sum(np.cos(p)) + 0.05 * np.sum(x * x), -a.T @ np.sin(p) + 0.1 * x


STARTS = {
    rosenbrock: [-1.2, 1.0] * 3,
    quadratic: [1.0] * 8,
    nonconvex: [0.5, -0.25, 1.5, -2.0, 0.125],
}


def trace(make, function, steps, dtype, order):
    """Runs the optimiser and returns the evaluated points and their losses."""
    start = np.array(STARTS[function])
    back = np.argsort(order)
    x = torch.tensor(start[order], dtype=dtype, requires_grad=True)
    points, losses = [], []

    def closure():
        ordered = x.detach().double().numpy()[back]
        loss, grad = function(ordered)
        points.append(ordered.tolist())
        losses.append(float(loss))
        x.grad = torch.from_numpy(grad[order]).to(dtype)
        return torch.tensor(loss, dtype=torch.float64)

    optimizer = make([x])
    for _ in range(steps):
        known = len(points)
        optimizer.step(closure)
        if known and points[known] in points[:known]:
            # A line search begins where the last one ended. Ours knows the gradient there.
            del points[known], losses[known]
    return points, losses


def lbfgs(steps, **options):
    # As neural-style-pt: a single call with all iterations, which never stops by itself.
    # max_iter evaluates one time less than it moves, hence all points but the last.
    return 1, lambda p: torch.optim.LBFGS(
        p, max_iter=steps, max_eval=10**6, tolerance_grad=-1, tolerance_change=-1, **options)


def wolfe(steps, **options):
    # One call a move. max_eval leaves the line search its 25 trials.
    return steps, lambda p: torch.optim.LBFGS(
        p, max_iter=1, max_eval=26, tolerance_grad=-1, tolerance_change=1e-9,
        line_search_fn="strong_wolfe", **options)


def adam(steps, **options):
    return steps, lambda p: torch.optim.Adam(p, **options)


def sgd(steps, **options):
    return steps, lambda p: torch.optim.SGD(p, **options)


CASES = [
    ("lbfgs/rosenbrock", rosenbrock, lbfgs(22)),
    ("lbfgs/rosenbrock/history=3", rosenbrock, lbfgs(25, history_size=3)),
    ("lbfgs/quadratic", quadratic, lbfgs(30)),
    ("lbfgs/quadratic/rate=0.5", quadratic, lbfgs(30, lr=0.5)),
    ("lbfgs/nonconvex", nonconvex, lbfgs(30)),
    ("wolfe/rosenbrock", rosenbrock, wolfe(20)),
    ("wolfe/rosenbrock/history=3", rosenbrock, wolfe(20, history_size=3)),
    ("wolfe/quadratic", quadratic, wolfe(15)),
    ("wolfe/nonconvex", nonconvex, wolfe(12)),
    ("wolfe/nonconvex/rate=20", nonconvex, wolfe(5, lr=20)),
    ("adam/rosenbrock", rosenbrock, adam(25, lr=0.02)),
    ("adam/nonconvex", nonconvex, adam(25, lr=0.1, betas=(0.8, 0.99), eps=0.01)),
    ("descent/nonconvex", nonconvex, sgd(20, lr=0.05)),
    ("descent/quadratic/momentum", quadratic, sgd(20, lr=1e-4, momentum=0.9)),
]


def curve(k):
    """The k-th function of one variable, falling at 0: returns value and slope."""
    if k == 0:
        return lambda t: (math.hypot(t - 0.7, 1e-3), (t - 0.7) / math.hypot(t - 0.7, 1e-3))  # a kink
    if k == 1:
        return lambda t: (1.0, -1.0)  # lies
    a, w, p = ([math.sin(k * m + j) for j in range(4)] for m in (1.1, 2.3, 3.7))
    rate = [2 * math.exp(v) for v in w]

    def value(t):
        return sum(a * math.cos(r * t + 3 * p) for a, r, p in zip(a, rate, p))

    def slope(t):
        return -sum(a * r * math.sin(r * t + 3 * p) for a, r, p in zip(a, rate, p))

    sign = -1 if slope(0) > 0 else 1
    return lambda t: (sign * value(t) + 0.01 * t * t, sign * slope(t) + 0.02 * t)


def search(k, first, dtype):
    """The step lengths that torch tries on curve k, and last the one that it settles for."""
    f, tried = curve(k), []

    def at(_, t, d):
        t = float(t)
        tried.append(t)
        loss, slope = f(float(torch.tensor(t, dtype=dtype)))
        return loss, torch.tensor([slope], dtype=torch.float64)

    d = torch.ones(1, dtype=torch.float64)
    loss, slope = f(0.0)
    g = torch.tensor([slope], dtype=torch.float64)
    t = _strong_wolfe(at, None, first, d, loss, g, g.dot(d), max_ls=25)[2]
    return tried + [float(t)]


def searches():
    """Those searches that take the same course if t is rounded to float32, and are not all alike."""
    found = []
    for k in range(400):
        for first in (0.001, 0.3, 1.0, 5.0, 30.0):
            single, double = search(k, first, torch.float32), search(k, first, torch.float64)
            stable = len(single) == len(double) and np.allclose(single, double, rtol=1e-5, atol=1e-7)
            if stable and (k < 2 or len(double) > 5):
                found.append({"curve": k, "t": rounded(double)})
    return found


def rounded(value):
    """Nine significant digits, which tell all float32 values apart."""
    if isinstance(value, list):
        return [rounded(v) for v in value]
    assert math.isfinite(value)
    return float(f"{value:.9g}")


def main():
    cases = {}
    for name, function, (steps, make) in CASES:
        n = len(STARTS[function])
        order = np.arange(n)
        points, losses = trace(make, function, steps, torch.float32, order)
        exact = np.array(trace(make, function, steps, torch.float64, order)[0])
        apart = np.abs(np.array(points) - exact).max(axis=1)
        for o in (order[::-1].copy(), np.roll(order, n // 2), np.argsort(np.sin(order))):
            other = np.array(trace(make, function, steps, torch.float32, o)[0])
            apart = np.maximum(apart, np.abs(other - exact).max(axis=1))
        cases[name] = {
            "rounding": [float(f"{r:.2g}") for r in np.maximum.accumulate(apart)],
            "losses": rounded(losses),
            "points": rounded(points),
        }
        print(f"{name:28} {len(points):3} points, loss {losses[-1]:10.4g}, rounding {apart.max():.2g}")
    found = searches()
    print(len(found), "searches, the longest of", max(len(s["t"]) for s in found))
    text = json.dumps({"torch": torch.__version__, "cases": cases, "searches": found}, separators=(",", ":"))
    pathlib.Path(__file__).with_name("golden.json").write_text(text.replace('},', '},\n') + "\n")


main()
