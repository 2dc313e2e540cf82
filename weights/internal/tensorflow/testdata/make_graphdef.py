"""Writes frozen.pb, stored.zip and deflated.zip beside itself, with TensorFlow, and the beginning of a
saved_model.pb.

The graph has the names of Inception's first layers and every way in which a constant can be kept. Every array counts 0,
1/8, 2/8 ... in C order. TensorFlow itself checks that its own reading of them is that.
"""

import os
import pathlib
import tempfile
import zipfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow.compat.v1 as tf

here = pathlib.Path(__file__).parent


def count(*shape):
    return np.arange(np.prod(shape), dtype=np.float64).reshape(shape) / 8


def proto(kind, shape, **values):
    t = tf.make_tensor_proto(0, dtype=kind, shape=shape)
    for field in ("float_val", "double_val", "half_val", "int_val"):
        t.ClearField(field)
    for field, value in values.items():
        getattr(t, field).extend(value)
    return t


def node(graph, name, value):
    n = graph.node.add(name=name, op="Const")
    n.attr["dtype"].type = value.dtype
    n.attr["value"].tensor.CopyFrom(value)


w = (2, 5, 3, 4)
with tf.Graph().as_default() as g:
    x = tf.placeholder(tf.float32, [1, 8, 8, 3], name="input")
    y = tf.nn.conv2d(x, tf.constant(count(*w).astype("<f4"), name="conv2d0_w"), 1, "SAME", name="conv2d0_pre")
    tf.nn.bias_add(y, tf.constant(count(4).astype("<f4"), name="conv2d0_b"), name="conv2d0")
    tf.constant(count(*w).astype("<f2"), name="half_w")
    tf.constant(count(*w), name="double_w")
    tf.constant(count(4), dtype=tf.bfloat16, name="brain_b")
    tf.constant(0.5, shape=(3, 3), name="repeated")
    tf.constant(1e-3, name="epsilon")
    tf.constant([1, -1], name="reshape/shape")
    tf.constant(["a", "b"], name="labels")
    tf.constant([], dtype=tf.float32, name="empty")
    tf.constant(count(12, 6).astype("<f4"), name="nn0_w")
graph = g.as_graph_def()
halves = count(*w).astype("<f2").view("<u2").ravel().tolist()
node(graph, "float_val_w", proto(tf.float32, w, float_val=count(*w).ravel().tolist()))
node(graph, "double_val_w", proto(tf.float64, w, double_val=count(*w).ravel().tolist()))
node(graph, "half_val_w", proto(tf.float16, w, half_val=halves))
node(graph, "float_val_tail", proto(tf.float32, (6,), float_val=[1, 2, 3]))
node(graph, "half_val_tail", proto(tf.float16, (6,), half_val=[0x3C00, 0x4000]))
node(graph, "float_val_none", proto(tf.float32, (6,)))
data = graph.SerializeToString(deterministic=True)
(here / "frozen.pb").write_bytes(data)

with tf.Graph().as_default() as g, tf.Session(graph=g) as session:
    tf.import_graph_def(graph, name="")
    for name in ("conv2d0_w", "half_w", "double_w", "float_val_w", "double_val_w", "half_val_w"):
        assert (session.run(name + ":0") == count(*w)).all(), name
    assert session.run("repeated:0").tolist() == [[0.5] * 3] * 3
    assert session.run("float_val_tail:0").tolist() == [1, 2, 3, 3, 3, 3]
    assert session.run("half_val_tail:0").tolist() == [1, 2, 2, 2, 2, 2]
    assert session.run("float_val_none:0").tolist() == [0] * 6

for name, method in (("stored.zip", zipfile.ZIP_STORED), ("deflated.zip", zipfile.ZIP_DEFLATED)):
    with zipfile.ZipFile(here / name, "w") as z:
        for member, content in (("LICENSE", b"none"), ("tensorflow_inception_graph.pb", data)):
            z.writestr(zipfile.ZipInfo(member), content, method)

with tempfile.TemporaryDirectory() as out, tf.Graph().as_default() as g, tf.Session(graph=g) as session:
    v = tf.get_variable("v", [1])
    session.run(tf.global_variables_initializer())
    tf.saved_model.simple_save(session, out + "/model", {"v": v}, {"y": v + 1})
    (here / "saved_model.pb").write_bytes((pathlib.Path(out) / "model" / "saved_model.pb").read_bytes()[:1024])
