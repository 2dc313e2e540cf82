"""Writes numpy.npz, numpy_deflated.npz and versions.npz beside itself, with NumPy.

Every array counts 0, 1/8, 2/8 ... in C order, which float16 holds exactly.
"""

import io
import pathlib
import zipfile

import numpy as np

here = pathlib.Path(__file__).parent


def count(*shape):
    return np.arange(np.prod(shape), dtype=np.float64).reshape(shape) / 8


arrays = {
    "f4.weight": count(4, 3, 2, 5).astype("<f4"),
    "f8.weight": count(4, 3, 2, 5),
    "f2.weight": count(4, 3, 2, 5).astype("<f2"),
    "big.weight": count(4, 3, 2, 5).astype(">f4"),
    "fortran.weight": np.asfortranarray(count(4, 3, 2, 5).astype("<f4")),
    "dense.weight": count(6, 12).astype("<f4"),
    "fortran_dense.weight": np.asfortranarray(count(6, 12).astype("<f4")),
    "f4.bias": count(7).astype("<f4"),
    "steps": np.array(12, dtype=np.int64),
    "scalar": np.float32(1.5),
    "records": np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4", (2,))]),
    "objects": np.array([{"a": 1}], dtype=object),
}
np.savez(here / "numpy.npz", **arrays)
np.savez_compressed(here / "numpy_deflated.npz", **arrays)

with zipfile.ZipFile(here / "versions.npz", "w") as z:
    for version in (1, 2, 3):
        b = io.BytesIO()
        np.lib.format.write_array(b, count(4, 3, 2, 5).astype("<f4"), version=(version, 0))
        z.writestr(f"v{version}.weight.npy", b.getvalue())
