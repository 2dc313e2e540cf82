"""Writes export.index and export.data-00000-of-00001 beside itself, with Keras 3: the variables of a SavedModel, which are
called by numbers there. Every array counts 0, 1/8, 2/8 ... in C order.
"""

import os
import pathlib
import shutil
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np

here = pathlib.Path(__file__).parent
model = keras.Sequential(
    [
        keras.layers.Input((4, 4, 3)),
        keras.layers.Conv2D(4, (2, 3), use_bias=False, name="z_conv"),
        keras.layers.BatchNormalization(name="norm"),
        keras.layers.Flatten(),
        keras.layers.Dense(2, name="a_dense"),
    ]
)
model.set_weights([(np.arange(w.size) / 8).reshape(w.shape) for w in model.get_weights()])
with tempfile.TemporaryDirectory() as out:
    model.export(out)
    for end in (".index", ".data-00000-of-00001"):
        shutil.copy(pathlib.Path(out) / "variables" / f"variables{end}", here / f"export{end}")
