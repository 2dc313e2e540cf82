"""Writes theano.h5 and caffe.h5 beside itself, with h5py, the first as Keras 1.2 with Theano writes weights: kernels are O, I, H, W, and turned by
180 degrees, as Theano's convolutions turn them back. Before it is turned, the kernel counts 0, 1/8, 2/8 ... in C order. The second is as Caffe writes its snapshots.
"""

import pathlib

import h5py
import numpy as np

kernel = (np.arange(4 * 3 * 2 * 5).reshape(4, 3, 2, 5) / 8).astype("<f4")
with h5py.File(pathlib.Path(__file__).parent / "theano.h5", "w") as f:
    f.attrs["layer_names"] = np.array([b"block1_conv1"])
    f.attrs["backend"] = b"theano"
    f.attrs["keras_version"] = b"1.2.2"
    g = f.create_group("block1_conv1")
    g.attrs["weight_names"] = np.array([b"block1_conv1_W", b"block1_conv1_b"])
    g["block1_conv1_W"] = kernel[:, :, ::-1, ::-1]
    g["block1_conv1_b"] = (np.arange(4) / 8).astype("<f4")
with h5py.File(pathlib.Path(__file__).parent / "caffe.h5", "w") as f:
    blobs = f.create_group("data").create_group("conv1_1")
    blobs["0"] = kernel
    blobs["1"] = (np.arange(4) / 8).astype("<f4")
    f["data"].create_group("relu1_1")
