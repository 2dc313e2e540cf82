"""Writes inception5h.json beside itself: activations of Inception5h with TensorFlow, whose padding and
normalisation it needs, and with the parameters and the picture of make.py."""

import json
import pathlib

import numpy as np
import tensorflow as tf

here = pathlib.Path(__file__).parent
source = (here / "make.py").read_text()
exec(source[source.index("def counted"):source.index("def set_parameters")])

layer = -1
random = np.random.default_rng(3)
layers = {}


def conv(x, out, kernel, stride=1):
    global layer
    layer += 1
    fan_in = kernel * kernel * x.shape[3]
    w = counted(8 * layer, out, x.shape[3], kernel, kernel).transpose(2, 3, 1, 0) * np.sqrt(6 / fan_in).astype(np.float32)
    b = counted(8 * layer + 1, out) / 8
    return tf.nn.relu(tf.nn.conv2d(x, w.astype(np.float32), stride, "SAME") + b.astype(np.float32))


def pool(x, stride=2):
    return tf.nn.max_pool2d(x, 3, stride, "SAME")


def norm(x):
    return tf.nn.local_response_normalization(x, depth_radius=5, bias=2, alpha=1e-4, beta=0.5)


def module(x, one, reduce3, three, reduce5, five, project):
    return tf.concat([
        conv(x, one, 1),
        conv(conv(x, reduce3, 1), three, 3),
        conv(conv(x, reduce5, 1), five, 5),
        conv(pool(x, 1), project, 1),
    ], 3)


def record(name, x):
    y = x.numpy()[0].astype(np.float64)
    index = np.sort(random.choice(y.size, 40, replace=False))
    layers[name] = {
        "shape_hwc": y.shape,
        "rms": float(np.sqrt((y**2).mean())),
        "flat_index_hwc": index.tolist(),
        "value": [float(f"{v:.9g}") for v in y.reshape(-1)[index]],
    }
    return x


height, width = 103, 134
x = (counted(1 << 20, height, width, 3)[None] / 2 + 0.5) * 255 - 117
x = record("conv2d0", conv(tf.constant(x.astype(np.float32)), 64, 7, 2))
x = record("localresponsenorm0", norm(pool(x)))
x = record("conv2d2", conv(conv(x, 64, 1), 192, 3))
x = record("maxpool1", pool(norm(x)))
x = module(x, 64, 96, 128, 16, 32, 32)
x = record("mixed3b", module(x, 128, 128, 192, 32, 96, 64))
x = record("mixed4a", module(pool(x), 192, 96, 204, 16, 48, 64))
x = module(x, 160, 112, 224, 24, 64, 64)
x = record("mixed4c", module(x, 128, 128, 256, 24, 64, 64))
x = module(x, 112, 144, 288, 32, 64, 64)
x = module(x, 256, 160, 320, 32, 128, 128)
x = record("mixed5a", module(pool(x), 256, 160, 320, 48, 128, 128))
x = record("mixed5b", module(x, 384, 192, 384, 48, 128, 128))
golden = {"inception5h": {"height": height, "width": width, "layers": layers}}
(here / "inception5h.json").write_text(json.dumps(golden, indent=0) + "\n")
