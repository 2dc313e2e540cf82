"""Writes torch.safetensors and plain.safetensors beside itself, with Hugging Face's safetensors (and ml_dtypes for bfloat16).

Every array counts 0, 1/8, 2/8 ... in C order. bfloat16 holds those of the bias exactly, and no more.
"""

import pathlib

import ml_dtypes
import numpy as np
from safetensors.numpy import load_file, save_file

here = pathlib.Path(__file__).parent


def count(*shape):
    return np.arange(np.prod(shape), dtype=np.float64).reshape(shape) / 8


save_file(
    {
        "f4.weight": count(4, 3, 2, 5).astype("<f4"),
        "f8.weight": count(4, 3, 2, 5),
        "f2.weight": count(4, 3, 2, 5).astype("<f2"),
        "dense.weight": count(6, 12).astype("<f4"),
        "f4.bias": count(7).astype("<f4"),
        "brain.bias": count(7).astype(ml_dtypes.bfloat16),
        "num_batches_tracked": np.array(12, dtype=np.int64),
        "flags": np.array([True, False, True]),
        "empty": np.zeros((0, 3), dtype=np.float32),
        "scalar": np.array(1.5, dtype=np.float32),
    },
    here / "torch.safetensors",
    metadata={"format": "pt"},
)
# Of one type, its tensors lie in the order of their names.
save_file(
    {"a.weight": count(4, 3, 2, 5).astype("<f4"), "b \u00e9\"<.bias": count(7).astype("<f4")},
    here / "plain.safetensors",
    metadata={"by": "oneiro"},
)

load_file(here / "torch.safetensors")
