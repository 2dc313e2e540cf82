"""Writes darknet_*.weights beside itself: a convolution and two dense layers, as src/parser.c of darknet writes
them in its versions 0.2 and 0.1, and as it did before there were versions.

Every array counts 0, 1/8, 2/8 ... in the order outputs, inputs, height, width.
"""

import pathlib
import struct

import numpy as np

here = pathlib.Path(__file__).parent


def count(*shape):
    return (np.arange(np.prod(shape)).reshape(shape) / 8).astype("<f4")


def save_convolutional_weights(f, n, c, size):
    f.write(count(n).tobytes())  # biases
    f.write(count(n, c, size, size).tobytes())


def save_connected_weights(f, outputs, inputs, transposed):
    f.write(count(outputs).tobytes())
    weights = count(outputs, inputs)
    f.write((weights.T if transposed else weights).tobytes())


def save_weights(name, header, transposed=False):
    with open(here / f"darknet_{name}.weights", "wb") as f:
        f.write(header)
        save_convolutional_weights(f, 4, 3, 3)
        save_connected_weights(f, 5, 4 * 2 * 2, transposed)
        save_connected_weights(f, 6, 5, transposed)


save_weights("02", struct.pack("<iiiq", 0, 2, 0, 32013312))
save_weights("01", struct.pack("<iiii", 0, 1, 0, 32013312))
save_weights("00", struct.pack("<fffi", 0.00001, 0.9, 0.0005, 32013312), transposed=True)
