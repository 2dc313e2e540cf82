"""Writes VGG-16 and VGG-19 of full size, with random numbers, in every format whose package is installed.

    python make_full.py DIR

Each format takes half a gigabyte for each network, and the biases are those of nothing that is known. Then

    go test ./zoo -run FullSize -full DIR -v

says how long it takes to open each file and to read the convolutions up to conv5_1, and what memory.
"""

import pathlib
import struct
import sys

import numpy as np

CONVS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
WIDTHS = (64, 128, 256, 512, 512)


def parameters(net):
    """Weights (O, I, H, W or O, I) and biases of all layers in order, by Caffe's names."""
    r = np.random.default_rng(1)
    layers, wide = {}, 3
    for b, n in enumerate(CONVS[net]):
        for i in range(n):
            shape = (WIDTHS[b], wide, 3, 3)
            layers[f"conv{b + 1}_{i + 1}"] = shape
            wide = WIDTHS[b]
    layers.update(fc6=(4096, 25088), fc7=(4096, 4096), fc8=(1000, 4096))
    return {
        name: (r.standard_normal(shape, dtype=np.float32) / 100, r.standard_normal(shape[:1], dtype=np.float32) / 100)
        for name, shape in layers.items()
    }


def torchvision(net, params):
    """The names of torchvision."""
    names, at = {}, 0
    for b, n in enumerate(CONVS[net]):
        for i in range(n):
            names[f"conv{b + 1}_{i + 1}"] = f"features.{at}"
            at += 2
        at += 1
    names.update(fc6="classifier.0", fc7="classifier.3", fc8="classifier.6")
    out = {}
    for layer, (w, bias) in params.items():
        out[names[layer] + ".weight"], out[names[layer] + ".bias"] = w, bias
    return out


def hwio(w):
    return np.ascontiguousarray(w.transpose(2, 3, 1, 0) if w.ndim == 4 else w.T)


def write_torch(path, net, params):
    import torch

    tensors = {k: torch.from_numpy(v) for k, v in torchvision(net, params).items()}
    torch.save(tensors, path / f"{net}_zip.pth")
    torch.save(tensors, path / f"{net}_legacy.pth", _use_new_zipfile_serialization=False)


def write_safetensors(path, net, params):
    from safetensors.numpy import save_file

    save_file(torchvision(net, params), path / f"{net}.safetensors")


def write_numpy(path, net, params):
    np.savez(path / f"{net}.npz", **{f"{k}_{r}": v for k, p in params.items() for r, v in zip("Wb", (hwio(p[0]), p[1]))})
    np.save(path / f"{net}.npy", {k: [hwio(w), b] for k, (w, b) in params.items()}, allow_pickle=True)


def write_keras(path, net, params):
    import h5py

    names = {"fc6": "fc1", "fc7": "fc2", "fc8": "predictions"}
    with h5py.File(path / f"{net}.h5", "w") as f:
        layers = []
        for layer, (w, b) in params.items():
            name = names.get(layer) or f"block{layer[4]}_conv{layer[-1]}"
            layers.append(name.encode())
            g = f.create_group(name)
            g.create_dataset(name + "_W_1:0", data=hwio(w))
            g.create_dataset(name + "_b_1:0", data=b)
            g.attrs["weight_names"] = np.array([(name + "_W_1:0").encode(), (name + "_b_1:0").encode()])
        f.attrs["layer_names"] = np.array(layers)


def write_matlab(path, net, params):
    from scipy.io import savemat

    layers = np.empty((1, len(params)), dtype=object)
    for i, (layer, (w, b)) in enumerate(params.items()):
        if w.ndim == 2:
            w = w.reshape(w.shape[0], -1, *((7, 7) if layer == "fc6" else (1, 1)))
        weights = np.empty((1, 2), dtype=object)
        weights[0, 0], weights[0, 1] = np.asfortranarray(w.transpose(2, 3, 1, 0)), b.reshape(1, -1)
        layers[0, i] = {"type": "conv", "name": layer, "weights": weights}
    savemat(path / f"{net}.mat", {"layers": layers}, do_compression=True)


def write_onnx(path, net, params):
    import onnx
    from onnx import helper, numpy_helper

    nodes, initialisers, at = [], [], "data"
    for layer, (w, b) in params.items():
        initialisers += [numpy_helper.from_array(w, layer + "_w_0"), numpy_helper.from_array(b, layer + "_b_0")]
        kind = dict(op_type="Conv", pads=[1, 1, 1, 1]) if w.ndim == 4 else dict(op_type="Gemm", transB=1)
        nodes.append(helper.make_node(inputs=[at, layer + "_w_0", layer + "_b_0"], outputs=[layer], **kind))
        at = layer
    value = helper.make_tensor_value_info("data", onnx.TensorProto.FLOAT, [1, 3, 224, 224])
    out = helper.make_tensor_value_info(at, onnx.TensorProto.FLOAT, [1, 1000])
    onnx.save(helper.make_model(helper.make_graph(nodes, net, [value], [out], initialisers)), path / f"{net}.onnx")


def slim(net, params):
    """The names of TF-slim, where dense layers are convolutions."""
    scope = net.replace("vgg", "vgg_")
    out = {}
    for layer, (w, b) in params.items():
        name = f"{scope}/{layer}" if layer.startswith("fc") else f"{scope}/conv{layer[4]}/{layer}"
        if w.ndim == 2:
            w = w.reshape(w.shape[0], -1, *((7, 7) if layer == "fc6" else (1, 1)))
        out[name + "/weights"], out[name + "/biases"] = hwio(w), b
    return out


def write_tensorflow(path, net, params):
    import tensorflow as tf

    tensors = slim(net, params)
    names = list(tensors)
    tf.raw_ops.Save(filename=str(path / f"{net}_v1.ckpt"), tensor_names=names, data=[tf.constant(tensors[n]) for n in names])
    tf.raw_ops.SaveV2(
        prefix=str(path / f"{net}_v2.ckpt"),
        tensor_names=names,
        shape_and_slices=[""] * len(names),
        tensors=[tf.constant(tensors[n]) for n in names],
    )
    with tf.Graph().as_default() as g:
        for name, v in tensors.items():
            tf.constant(v, name=name)
    (path / f"{net}.pb").write_bytes(g.as_graph_def().SerializeToString())


def field(number, value):
    """A field of a protocol buffer: a number, or bytes with their length."""
    def varint(n):
        out = bytearray()
        while n > 127:
            out.append(n & 127 | 128)
            n >>= 7
        return bytes(out) + bytes([n])

    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def write_caffe(path, net, params):
    """A NetParameter with layers of the first version, as Oxford's files have them."""
    with open(path / f"{net}.caffemodel", "wb") as f:
        f.write(field(1, net.encode()))
        for layer, (w, b) in params.items():
            kind = 4 if w.ndim == 4 else 14  # CONVOLUTION, INNER_PRODUCT
            blobs = b""
            for v in (w, b):
                sizes = (1,) * (4 - v.ndim) + v.shape
                blobs += field(6, b"".join(field(i + 1, n) for i, n in enumerate(sizes)) + field(5, v.tobytes()))
            f.write(field(2, field(4, layer.encode()) + field(5, kind) + blobs))


def write_darknet(path, net, params):
    if net != "vgg16":  # the only one that circulates so
        return
    with open(path / f"{net}.weights", "wb") as f:
        f.write(struct.pack("<iiiq", 0, 2, 0, 32013312))
        for w, b in params.values():
            f.write(b.tobytes() + w.tobytes())


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for net in CONVS:
        params = parameters(net)
        for write in (write_torch, write_safetensors, write_numpy, write_keras, write_matlab, write_onnx, write_tensorflow, write_caffe, write_darknet):
            try:
                write(folder, net, params)
            except ImportError as e:
                print(f"{write.__name__}: {e}")
