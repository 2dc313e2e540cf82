"""Writes matconvnet_*.mat beside itself, with SciPy: a network of three layers in the forms that MatConvNet's
files have had.

Every array counts 0, 1/8, 2/8 ... in the order outputs, inputs, height, width.
"""

import pathlib

import numpy as np
import scipy.io

here = pathlib.Path(__file__).parent


def count(*shape):
    return np.arange(np.prod(shape), dtype=np.float64).reshape(shape) / 8


def filters(o, i, h, w, dtype=np.float32):
    return np.asfortranarray(count(o, i, h, w).transpose(2, 3, 1, 0).astype(dtype))


def struct(**fields):
    s = np.zeros((1, 1), dtype=[(name, object) for name in fields])
    for name, value in fields.items():
        s[0, 0][name] = value
    return s


def cell(*values):
    c = np.zeros((1, len(values)), dtype=object)
    for i, value in enumerate(values):
        c[0, i] = value
    return c


def save(name, variables, compressed=True):
    path = here / f"matconvnet_{name}.mat"
    scipy.io.savemat(path, variables, format="5", do_compression=compressed)
    data = bytearray(path.read_bytes())
    data[:116] = b"MATLAB 5.0 MAT-file Platform: posix, Created on: Sat Sep 19 12:27:40 2015".ljust(116)
    path.write_bytes(data)


conv = [  # name, filters, biases
    ("conv1_1", filters(4, 3, 3, 3), count(4, 1).astype(np.float32)),
    ("conv1_2", filters(5, 4, 3, 3, np.float64), count(1, 5)),
    ("fc6", filters(6, 5, 2, 2), count(6, 1).astype(np.float32)),
]
relu = struct(name="relu1_1", type="relu", leak=np.zeros((1, 1)), weights=cell(), precious=False)
one = np.ones((1, 2))
average = np.full((2, 2, 3), 117, np.float32)

new = cell(*(
    layer
    for name, f, b in conv
    for layer in (
        struct(name=name, type="conv", weights=cell(f, b), size=np.array([f.shape], float), pad=np.zeros((1, 4)),
               stride=one, precious=False, dilate=1.0, opts=cell()),
        relu,
    )
), struct(name="prob", type="softmax"))
meta = struct(normalization=struct(averageImage=average, imageSize=np.array([[2, 2, 3]], float)),
              classes=struct(name=cell("n01440764"), description=cell("tench, Tinca tinca")))
save("new", {"layers": new, "meta": meta})
save("plain", {"meta": meta, "layers": new}, compressed=False)
save("net", {"opts": struct(x=1.0), "net": struct(meta=meta, layers=new)})

save("2015", {
    "classes": meta[0, 0]["classes"],
    "normalization": meta[0, 0]["normalization"],
    "layers": cell(*(struct(weights=cell(f, b), pad=np.zeros((1, 4)), type="conv", name=name, stride=one)
                     for name, f, b in conv)),
})
save("old", {
    "layers": cell(*(struct(type="conv", name=name, filters=f, biases=b, stride=one) for name, f, b in conv)),
})

# A batch normalisation, and a filter with one output, of which MATLAB drops the last dimension.
save("norm", {
    "layers": cell(
        struct(name="conv1", type="conv", weights=cell(filters(1, 3, 2, 5)[..., 0], np.zeros((0, 0), np.float32))),
        struct(name="bn1", type="bnorm", weights=cell(
            count(4, 1).astype(np.float32), count(4, 1).astype(np.float32), count(4, 2).astype(np.float32))),
        struct(name="count", type="other", weights=cell(np.array([[3]], np.int32))),
    ),
})

params = np.zeros((1, 2 * len(conv)), dtype=[("name", object), ("value", object), ("learningRate", object)])
for i, (name, f, b) in enumerate(conv):
    params[0, 2 * i] = (name + "_filter", f, 1.0)
    params[0, 2 * i + 1] = (name + "_bias", b, 2.0)
layers = np.zeros((1, 1), dtype=[("name", object), ("type", object)])
layers[0, 0] = ("conv1_1", "dagnn.Conv")
save("dag", {"net": struct(layers=layers, params=params, meta=meta)})

save("none", {"a": count(2, 3), "b": "text"})
