"""Writes tf_keras2.h5, keras3.weights.h5, keras3_model.h5, model.keras, h5py_odd.h5 and hdf5_type.h5 beside itself, with Keras 2
(tf_keras 2.21), Keras 3.15 and h5py 3.14,
and keras_inceptionv3.txt in zoo/testdata, the layers with weights of Inception v3 in the order in which Keras lists them.

Every array counts 0, 1/8, 2/8 ... in C order, which float16 holds exactly.
"""

import os
import pathlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import h5py
import keras
import numpy as np
import tf_keras

here = pathlib.Path(__file__).parent


def count(*shape, dtype=np.float32):
    return (np.arange(np.prod(shape), dtype=np.float64).reshape(shape) / 8).astype(dtype)


def model(k):
    layers = [
        k.layers.Input((8, 8, 3)),
        k.layers.Conv2D(4, (2, 5), name="z_conv"),
        k.layers.BatchNormalization(name="norm"),
        k.layers.Flatten(name="flatten"),
        k.layers.Dense(2, name="a_dense"),
    ]
    m = k.Sequential(layers, name="small")
    m.set_weights([count(*w.shape) for w in m.get_weights()])
    return m


two, three = model(tf_keras), model(keras)
two.save_weights(here / "tf_keras2.h5")
three.save_weights(here / "keras3.weights.h5")
three.save(here / "keras3_model.h5")
three.save(here / "model.keras")
with h5py.File(here / "h5py_odd.h5", "w") as f:
    f["before"] = count(3)
    f["empty"] = np.zeros((0, 3), np.float32)
    f["null"] = h5py.Empty("f")
    f["link"] = h5py.SoftLink("/before")
    f["none"] = np.zeros((0,), np.float64)
with h5py.File(here / "hdf5_type.h5", "w") as f:
    f["type"] = np.dtype("<f4")
    f.create_dataset("a", data=count(3), dtype=f["type"])
inception = tf_keras.applications.InceptionV3(weights=None)
(here / "../../../../zoo/testdata/keras_inceptionv3.txt").write_text("\n".join(layer.name for layer in inception.layers if layer.weights) + "\n")
