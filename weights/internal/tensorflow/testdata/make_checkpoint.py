"""Writes the checkpoints v1.ckpt, v1_slices.ckpt and v2.ckpt.*, v2_shards.ckpt.*, v2_object.ckpt.*, v2_slices.ckpt.*
beside itself, with TensorFlow 2.21.

Every array counts 0, 1/8, 2/8 ... in C order, which float16 holds exactly.
"""

import pathlib

import numpy as np
import tensorflow as tf

here = pathlib.Path(__file__).parent
raw, v1 = tf.raw_ops, tf.compat.v1


def count(*shape, dtype=np.float32):
    return (np.arange(np.prod(shape), dtype=np.float64).reshape(shape) / 8).astype(dtype)


def save(name, arrays, shapes=None):
    names = list(arrays)
    call = raw.SaveSlices if shapes else raw.Save
    more = {"shapes_and_slices": shapes} if shapes else {}
    call(filename=str(here / name), tensor_names=names, data=[tf.constant(arrays[n]) for n in names], **more)


# As TF-slim's saver did: the V1 format, a scope for each layer.
vgg = {
    "vgg_16/conv1/conv1_1/weights": count(2, 5, 3, 4),
    "vgg_16/conv1/conv1_1/biases": count(4),
    "vgg_16/fc6/weights": count(2, 2, 3, 6),
    "vgg_16/fc6/biases": count(6),
    "dense/weights": count(12, 6),
    "double": count(2, 5, 3, 4, dtype=np.float64),
    "half": count(2, 5, 3, 4, dtype=np.float16),
    "global_step": np.array(7, dtype=np.int64),
    "scalar": np.float32(1.5),
}
save("v1.ckpt", vgg)
save("v1_slices.ckpt", {"a": count(2, 3), "b": count(3)}, ["4 3 0,2:-", ""])

# The V2 format: the index, and the data.
all_types = vgg | {"brain": tf.cast(count(2, 5, 3, 4), tf.bfloat16), "text": np.array([b"a", b"bc"])}
raw.SaveV2(
    prefix=str(here / "v2.ckpt"),
    tensor_names=list(all_types),
    shape_and_slices=[""] * len(all_types),
    tensors=[tf.constant(a) for a in all_types.values()],
)
raw.SaveV2(prefix=str(here / "v2_slices.ckpt"), tensor_names=["a"], shape_and_slices=["4 3 0,2:-"], tensors=[count(2, 3)])

for shard, names in enumerate((["a", "c"], ["b"])):
    raw.SaveV2(
        prefix=str(here / f"part{shard}"),
        tensor_names=names,
        shape_and_slices=[""] * len(names),
        tensors=[count(2, 5, 3, 4)] * len(names),
    )
raw.MergeV2Checkpoints(
    checkpoint_prefixes=[str(here / f"part{i}") for i in range(2)], destination_prefix=str(here / "v2_shards.ckpt")
)

# An object of TensorFlow 2.
layer = tf.Module()
layer.kernel, layer.bias = tf.Variable(count(2, 5, 3, 4)), tf.Variable(count(4))
root = tf.train.Checkpoint(conv=layer)
root.write(str(here / "v2_object.ckpt"))
