"""Writes the folder npyfolder beside itself, with NumPy.

Every array counts 0, 1/8, 2/8 ... in C order.
"""

import pathlib

import numpy as np

here = pathlib.Path(__file__).parent / "npyfolder"


def count(*shape):
    return np.arange(np.prod(shape), dtype=np.float64).reshape(shape) / 8


for name, array in {
    "conv0_weight": count(4, 3, 2, 5).astype("<f4"),
    "conv0_bias": count(4),
    "block/conv1.weight": np.asfortranarray(count(4, 3, 2, 5).astype("<f2")),
    "block/a/b/c/deepest": count(2),
    "block/a/b/c/d/deeper": count(2),
    "steps": np.array(12, dtype=np.int64),
}.items():
    path = here / (name + ".npy")
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, array)
(here / "README").write_text("Other files are left alone.\n")
