"""Writes keras1.h5, keras2.h5, keras_model.h5, h5py.h5, deep.h5 and hdf5_*.h5 beside itself, with h5py.

The groups and attributes are those that Keras' save_weights and save write. Every array counts 0, 1/8, 2/8 ...
in C order, which float16 holds exactly.
"""

import ctypes
import pathlib

import h5py
import numpy as np

here = pathlib.Path(__file__).parent


def count(*shape, dtype="<f4"):
    return (np.arange(np.prod(shape), dtype=np.float64).reshape(shape) / 8).astype(dtype)


def names(group, attribute, values):
    group.attrs[attribute] = [v.encode() for v in values]


def save(group, layers):
    """What keras.engine.saving.save_weights_to_hdf5_group does."""
    names(group, "layer_names", [name for name, _ in layers])
    group.attrs["backend"] = b"tensorflow"
    group.attrs["keras_version"] = "2.2.4"
    for name, weights in layers:
        g = group.create_group(name)
        names(g, "weight_names", list(weights))
        for weight, value in weights.items():
            g.create_dataset(weight, data=value)


def layers(kernel, bias, *convs):
    return [(name, {kernel % name: count(3, 5, 2, 4), bias % name: count(4)}) for name in convs]


def keras2(*convs):
    return layers("%s/kernel:0", "%s/bias:0", *convs)


with h5py.File(here / "keras1.h5", "w", libver="earliest") as f:
    save(f, [("input_1", {})] + layers("%s_W_1:0", "%s_b_1:0", "block1_conv2", "block1_conv1")
         + [("fc1", {"fc1_W_1:0": count(12, 6), "fc1_b_1:0": count(6)})])

# Neither the order of the alphabet nor that of the addresses is the network's.
with h5py.File(here / "keras2.h5", "w") as f:
    save(f, keras2("zeta", "alpha_10", "alpha_2", "beta"))
    names(f, "layer_names", ["beta", "alpha_2", "zeta", "alpha_10"])
    names(f["zeta"], "weight_names", ["zeta/bias:0", "zeta/kernel:0"])

with h5py.File(here / "keras_model.h5", "w") as f:
    f.attrs["model_config"] = '{"class_name": "Sequential"}'
    save(f.create_group("model_weights"), keras2("conv2d_2", "conv2d_1"))
    g = f.create_group("optimizer_weights")
    names(g, "weight_names", ["training/Adam/iterations:0"])
    g["training/Adam/iterations:0"] = np.int64(12)

with h5py.File(here / "h5py.h5", "w") as f:
    f.attrs["layer_names"] = 12  # no list of texts
    for dtype in "<f8", "<f2", ">f4", ">f2", ">f8":
        f[dtype.replace("<", "little_").replace(">", "big_")] = count(3, 5, 2, 4, dtype=dtype)
    f["steps"] = np.int64(12)
    f["flags"] = np.array([True, False])
    f["text"] = "words"
    f["records"] = np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")])
    f["volume"] = count(2, 2, 2)
    f["scalar"] = np.float32(1.5)
    compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    compact.set_obj_track_times(False)
    compact.set_layout(h5py.h5d.COMPACT)
    d = h5py.h5d.create(f.id, b"compact", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((6,)), compact)
    d.write(h5py.h5s.ALL, h5py.h5s.ALL, count(6))
    f["again"] = h5py.SoftLink("/volume")

# More names than a leaf and a node of a B-tree hold, lists in parts and as texts of any length, and attributes
# that need a continuation of the header.
creation = h5py.h5p.create(h5py.h5p.FILE_CREATE)
library, = (pathlib.Path(h5py.__file__).parent.parent / "h5py.libs").glob("libhdf5-*")
library = ctypes.CDLL(library)  # the same that h5py uses: it is loaded once
library.H5Pset_sym_k(ctypes.c_int64(creation.id), 2, 2)
library.H5Pset_istore_k(ctypes.c_int64(creation.id), 16)  # not the default, which makes version 1 of the superblock
access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
access.set_libver_bounds(h5py.h5f.LIBVER_EARLIEST, h5py.h5f.LIBVER_LATEST)
path = str(here / "deep.h5").encode()
with h5py.File(h5py.h5f.create(path, h5py.h5f.ACC_TRUNC, creation, access)) as f:
    convs = ["conv%d" % i for i in range(30)]
    for name in convs:
        f.create_dataset(name, data=count(2))
    backwards = convs[::-1]
    for part in range(3):
        f.attrs["layer_names%d" % part] = backwards[10 * part:10 * (part + 1)]  # str: of any length

# Groups as HDF5 1.8 has them: their links in the header, or in a heap and a tree of two levels, and the order in
# which they were made in the links or in the addresses.
for name, libver in ("hdf5_latest.h5", "latest"), ("hdf5_v108.h5", ("v108", "v108")):
    with h5py.File(here / name, "w", libver=libver) as f:
        save(f, keras2("zeta", "alpha"))
        f["alias"] = h5py.SoftLink("/zeta/zeta/bias:0")
        g = f.create_group("aside", track_order=True)
        for i in range(5):
            g["%d" % (5 - i)] = count(4)
with h5py.File(here / "hdf5_tracked.h5", "w") as f:
    g = f.create_group("layers", track_order=True)
    for i in range(60):
        g.create_dataset("conv%d" % (60 - i), data=count(2))
with h5py.File(here / "hdf5_dense.h5", "w", libver="latest") as f:
    for i in range(60):
        f.create_dataset("a_long_name_of_a_layer_%d" % (60 - i), data=count(2))

# Chunks that do not fit, in trees and arrays of one level and of two, through filters and without.
squeeze = dict(compression="gzip", shuffle=True)
for name, libver in ("hdf5_chunked.h5", "earliest"), ("hdf5_chunked_latest.h5", "latest"):
    with h5py.File(here / name, "w", libver=libver) as f:
        f.create_dataset("plain", data=count(3, 5, 2, 4), chunks=(2, 2, 2, 3))
        f.create_dataset("squeezed", data=count(3, 5, 2, 4), chunks=(2, 2, 2, 3), **squeeze)
        f.create_dataset("gzip", data=count(7, 5), chunks=(3, 2), compression="gzip")
        f.create_dataset("shuffled", data=count(7, 5, dtype=">f8"), chunks=(2, 5), shuffle=True)
        f.create_dataset("one", data=count(7, 5), chunks=(7, 5))
        f.create_dataset("one_squeezed", data=count(7, 5), chunks=(7, 5), **squeeze)
        f.create_dataset("large_chunk", data=count(3), chunks=(5,), maxshape=(5,))
        f.create_dataset("many", data=count(1100 if libver == "latest" else 100, dtype="<f2"), chunks=(1,))
        d = f.create_dataset("skipping", shape=(4, 4), dtype="<f4", chunks=(2, 4), **squeeze)
        d.id.write_direct_chunk((0, 0), count(2, 4).tobytes(), filter_mask=3)
        d[2:] = count(4, 4)[2:]
for name, libver, options in [
    ("hdf5_lzf.h5", "earliest", dict(compression="lzf")),
    ("hdf5_sums.h5", "earliest", dict(fletcher32=True)),
    ("hdf5_resizable.h5", "latest", dict(maxshape=(None,))),
]:
    with h5py.File(here / name, "w", libver=libver) as f:
        f.create_dataset("a", data=count(64), chunks=(16,), **options)
with h5py.File(here / "hdf5_holes.h5", "w") as f:
    f.create_dataset("a", shape=(64,), dtype="<f4", chunks=(16,))[:16] = count(16)
with h5py.File(here / "hdf5_external.h5", "w") as f:
    f.create_dataset("a", shape=(4,), dtype="<f4", external=[("make_hdf5.py", 0, 16)])
with h5py.File(here / "hdf5_unwritten.h5", "w") as f:
    f.create_dataset("a", shape=(4,), dtype="<f4")
with h5py.File(here / "hdf5_empty.h5", "w") as f:
    f.create_group("layer")
