"""Writes the graphs of TestLayers beside itself, with TensorFlow: frozen, folded by its optimiser, with the operation of
2015 for normalisation, and one that is not frozen.

The network is a convolution with a bias that is added, one with normalisation, and a dense layer. Every array counts as
first + step·i in C order.
"""

import os
import pathlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow.compat.v1 as tf

here = pathlib.Path(__file__).parent
tf.disable_eager_execution()


def count(shape, first, step):
    return (first + step * np.arange(np.prod(shape))).reshape(shape).astype("<f4")


def build(parameter, norm):
    x = tf.placeholder(tf.float32, [1, 4, 4, 3], name="x")
    y = (x - parameter("mean", count((3,), 100, 8))) / parameter("range", count((3,), 2, 1))
    y = tf.nn.conv2d(y, parameter("a/w", count((3, 3, 3, 4), 0, 1 / 128)), 1, "SAME")
    y = tf.nn.relu(y + parameter("a/b", count((4,), 1, 1 / 8)))
    y = tf.nn.conv2d(y, parameter("b/w", count((1, 1, 4, 5), -0.5, 1 / 8)), 1, "SAME")
    parts = [parameter(f"b/{n}", count((5,), first, step)) for n, first, step in
             [("scale", 1, 1 / 4), ("shift", -1, 1 / 2), ("mean", 2, 1), ("variance", 4, 4)]]
    y = tf.nn.relu(norm(y, *parts))
    y = tf.reshape(y, [-1, 4 * 4 * 5])
    return tf.nn.bias_add(tf.matmul(y, parameter("c/w", count((80, 2), -0.25, 1 / 64))),
                          parameter("c/b", count((2,), 1, 1)), name="out")


def fused(y, scale, shift, mean, variance):
    return tf.nn.fused_batch_norm(y, scale, shift, mean, variance, epsilon=0.25, is_training=False)[0]


def parts(y, scale, shift, mean, variance):
    return (y - mean) / tf.constant(np.sqrt(count((5,), 4, 4) + 0.25), name="b/deviation") * scale + shift


def constant(name, value):
    return tf.identity(tf.constant(value, name=name))


for name, norm in [("fused", fused), ("parts", parts)]:
    with tf.Graph().as_default() as g:
        build(constant, norm)
    (here / f"{name}.pb").write_bytes(g.as_graph_def().SerializeToString(deterministic=True))
    if name == "fused":  # the operation that it replaced, which TensorFlow of today does not make
        old = g.as_graph_def()
        (node,) = [n for n in old.node if n.op == "FusedBatchNormV3"]
        x, scale, shift, mean, variance = node.input
        node.op = "BatchNormWithGlobalNormalization"
        node.input[:] = [x, mean, variance, shift, scale]
        node.attr.clear()
        node.attr["T"].type = tf.float32.as_datatype_enum
        node.attr["variance_epsilon"].f = 0.25
        node.attr["scale_after_normalization"].b = True
        old.versions.producer = 8
        (here / "old.pb").write_bytes(old.SerializeToString(deterministic=True))
with tf.Graph().as_default() as g:
    build(lambda name, value: tf.get_variable(name, initializer=value), fused)
data = g.as_graph_def()
(here / "variables.pb").write_bytes(data.SerializeToString(deterministic=True))
