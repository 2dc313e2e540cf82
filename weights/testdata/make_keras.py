"""Writes keras*.h5 and h5py*.h5 beside itself, with Keras 2 (tf_keras 2.21), Keras 3.15 and h5py 3.14.

Every array counts 0, 1/8, 2/8 ... in C order, which float16 holds exactly.
"""

import ctypes
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
two.save_weights(here / "keras2.h5")
two.save(here / "keras2_model.h5")
three.save_weights(here / "keras3.weights.h5")
three.save(here / "keras3_model.h5")

# As keras_applications' files of 2016 are: a group for each layer, the names in attributes of fixed length.
layers = {
    "input_1": {},
    "block1_conv1": {"block1_conv1_W_1:0": count(2, 5, 3, 4), "block1_conv1_b_1:0": count(4)},
    "block1_pool": {},
    "fc1": {"fc1_W_1:0": count(12, 6), "fc1_b_1:0": count(6)},
    "a_last": {"a_last_W_1:0": count(12, 6), "a_last_b_1:0": count(6)},
}
with h5py.File(here / "keras1.h5", "w") as f:
    f.attrs["layer_names"] = [name.encode() for name in layers]
    for name, weights in layers.items():
        group = f.create_group(name)
        group.attrs["weight_names"] = [w.encode() for w in weights]
        for weight, values in weights.items():
            group.create_dataset(weight, data=values)

# Names in several attributes and of any length, in the reverse of the order in which they were written.
with h5py.File(here / "h5py_names.h5", "w") as f:
    names = [f"layer_{i}" for i in range(5)]
    for name in names:
        f.create_dataset(f"{name}/b", data=count(4))
        f.create_dataset(f"{name}/a", data=count(2, 5, 3, 4))
        f[name].attrs["weight_names"] = ["a", "b"]
    f.attrs["layer_names0"] = names[:2:-1]
    f.attrs["layer_names1"] = names[2::-1]

# Types, empty arrays, and a tensor in its header.
with h5py.File(here / "h5py_types.h5", "w") as f:
    for name, dtype in {"half": "<f2", "float": "<f4", "double": "<f8", "big": ">f4"}.items():
        f.create_dataset(name, data=count(2, 5, 3, 4).astype(dtype))
    f.create_dataset("steps", data=np.int64(12))
    f.create_dataset("bytes", data=np.arange(3, dtype=np.uint8))
    f.create_dataset("text", data="hello")
    f.create_dataset("truth", data=np.array([True]))
    f.create_dataset("scalar", data=np.float32(1.5))
    f.create_dataset("empty", data=np.zeros((0, 3), np.float32))
    f.create_dataset("null", data=h5py.Empty("f"))
    f["same"] = h5py.SoftLink("/float")
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_layout(h5py.h5d.COMPACT)
    plist.set_obj_track_times(False)
    space = h5py.h5s.create_simple((2, 3))
    h5py.h5d.create(f.id, b"compact", h5py.h5t.IEEE_F32LE, space, plist).write(space, space, count(2, 3))

# A tree of several levels: two members in a list, and two nodes below a node. And superblock 1. h5py does not have
# these settings, but the library that is part of it does.
library = next((pathlib.Path(h5py.__file__).parent.parent / "h5py.libs").glob("libhdf5-*.so*"))
hdf5 = ctypes.CDLL(str(library))
create = h5py.h5p.create(h5py.h5p.FILE_CREATE)
assert hdf5.H5Pset_sym_k(ctypes.c_int64(create.id), 1, 1) >= 0
assert hdf5.H5Pset_istore_k(ctypes.c_int64(create.id), 16) >= 0
with h5py.File(h5py.h5f.create(str(here / "h5py_tree.h5").encode(), h5py.h5f.ACC_TRUNC, fcpl=create)) as f:
    for i in range(20):
        f.create_dataset(f"tensor_{i * 7 % 20}", data=count(i * 7 % 20 + 1))

# What is refused.
for name, libver, order in (("h5py_latest.h5", "latest", 0), ("h5py_ordered.h5", "earliest", 3)):
    create, access = h5py.h5p.create(h5py.h5p.FILE_CREATE), h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    assert hdf5.H5Pset_obj_track_times(ctypes.c_int64(create.id), 0) >= 0  # or no two files would be the same
    create.set_link_creation_order(order)
    if libver == "latest":
        access.set_libver_bounds(h5py.h5f.LIBVER_LATEST, h5py.h5f.LIBVER_LATEST)
    with h5py.File(h5py.h5f.create(str(here / name).encode(), h5py.h5f.ACC_TRUNC, fcpl=create, fapl=access)) as f:
        f["a"] = count(3)
with h5py.File(here / "h5py_deflated.h5", "w") as f:
    f.create_dataset("a", data=count(30), compression="gzip", shuffle=True)
with h5py.File(here / "h5py_type.h5", "w") as f:
    f["type"] = np.dtype("<f4")
    f.create_dataset("a", data=count(3), dtype=f["type"])
