"""Writes array*.npy and dict_*.npy beside itself, with NumPy.

Run it with Python 3, and with Python 2, which writes dict_py2.npy alone: vgg16.npy and vgg19.npy
were made like it. Every array counts 0, 1/8, 2/8 ... in C order.
"""

import os
import pickle
import sys

import numpy as np

here = os.path.dirname(os.path.abspath(__file__))


def count(*shape):
    return np.arange(np.prod(shape), dtype=np.float64).reshape(shape) / 8


def path(name):
    return os.path.join(here, name)


layers = {
    "conv1_1": [count(4, 3, 2, 5).astype("<f4"), count(5).astype("<f4")],
    "fc6": [np.asfortranarray(count(6, 12).astype("<f4")), count(12)],
}
named = {"conv1": {"weights": count(4, 3, 2, 5).astype("<f4"), "biases": count(5).astype("<f4")}}

if sys.version_info[0] == 2:
    np.save(path("dict_py2.npy"), layers)
    sys.exit()

np.save(path("array.npy"), count(4, 3, 2, 5).astype("<f4"))
np.save(path("array_fortran.npy"), np.asfortranarray(count(6, 12)))
np.save(path("dict_py3.npy"), layers)
np.save(path("dict_named.npy"), named)
# NumPy before 1.17 wrote protocol 2, in which Python 3 has no bytes: they are text to be encoded
with open(path("dict_latin1.npy"), "wb") as f:
    np.lib.format.write_array_header_1_0(f, {"descr": "|O", "fortran_order": False, "shape": ()})
    pickle.dump(np.array(layers, dtype=object), f, protocol=2)
for name in ("dict_py3.npy", "dict_latin1.npy", "dict_named.npy"):
    np.load(path(name), allow_pickle=True)
