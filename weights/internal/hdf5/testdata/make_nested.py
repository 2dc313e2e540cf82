"""Writes nested3.keras and nested2.h5 beside itself, with Keras 3 and Keras 2 (tf_keras): a network
in a network, with normalisation that can be taken into a convolution and one that cannot. Every array counts 0, 1/8 ...
"""

import os
import pathlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tf_keras

here = pathlib.Path(__file__).parent
for number, k in ((3, keras), (2, tf_keras)):
    x = inner = k.layers.Input((4, 4, 3))
    for name, layer in [
        ("first", k.layers.Conv2D(2, 3, use_bias=False)),
        ("norm1", k.layers.BatchNormalization(epsilon=0.25, scale=False)),
        ("act", k.layers.ReLU()),
        ("second", k.layers.Conv2D(2, 1, activation="relu")),
        ("norm2", k.layers.BatchNormalization()),
        ("third", k.layers.Conv2D(3, 2)),
        ("norm3", k.layers.BatchNormalization()),
    ]:
        layer._name = name
        x = layer(x)
    base = k.Model(inner, x, name="base")
    top = k.Sequential([k.layers.Input((4, 4, 3)), base, k.layers.Flatten(), k.layers.Dense(2, name="top")])
    top.set_weights([(np.arange(w.size) / 8).reshape(w.shape) for w in top.get_weights()])
    top.save(here / ("nested3.keras" if number == 3 else "nested2.h5"))
