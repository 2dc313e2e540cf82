"""Writes VGG-19 as files that the peers load: ONNX, MNN (by its own converter), ncnn. In a process of its own, so
that its memory is not counted as theirs.

    models.py FOLDER SIZE...
"""

import sys
from pathlib import Path

import nets


def write_onnx(path, size):
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    nodes, weights, x = [], [], "image"
    for name, *params in nets.vgg19():
        if not params:
            nodes.append(helper.make_node("MaxPool", [x], [name], kernel_shape=[2, 2], strides=[2, 2]))
            x = name
            continue
        weights += [numpy_helper.from_array(params[0], "w" + name), numpy_helper.from_array(params[1], "b" + name)]
        nodes.append(helper.make_node("Conv", [x, "w" + name, "b" + name], ["conv" + name], kernel_shape=[3, 3], pads=[1] * 4))
        x = "relu" + name
        nodes.append(helper.make_node("Relu", ["conv" + name], [x]))
    value = helper.make_tensor_value_info
    graph = helper.make_graph(nodes, "vgg19", [value("image", TensorProto.FLOAT, [1, 3, size, size])],
                              [value(x, TensorProto.FLOAT, [1, 512, size // 16, size // 16])], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def write_mnn(path, source):
    # The module behind the program mnnconvert, which itself would install packages and report to its makers.
    import MNN  # which makes _tools importable
    import _tools

    _tools.mnnconvert(["mnnconvert", "-f", "ONNX", "--modelFile", str(source), "--MNNModel", str(path), "--bizCode", "bench"])
    if not path.exists():
        raise RuntimeError("MNN did not convert the model")


def write_ncnn(folder):
    lines, data, x = ["Input image 0 1 image"], [], "image"
    for name, *params in nets.vgg19():
        if params:
            w, b = params
            # 0 outputs, 1 kernel, 4 padding, 5 bias, 6 weights, 9 ReLU behind it
            lines.append(f"Convolution conv{name} 1 1 {x} relu{name} 0={len(b)} 1=3 4=1 5=1 6={w.size} 9=1")
            data += [bytes(4), w.tobytes(), b.tobytes()]  # a tag of 0: float32
            x = "relu" + name
        else:
            lines.append(f"Pooling {name} 1 1 {x} {name} 0=0 1=2 2=2")
            x = name
    (folder / "vgg19.param").write_text("\n".join(["7767517", f"{len(lines)} {len(lines)}", *lines, ""]))
    (folder / "vgg19.bin").write_bytes(b"".join(data))


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    write_ncnn(folder)
    for size in map(int, sys.argv[2:]):
        write_onnx(folder / f"vgg19-{size}.onnx", size)
        write_mnn(folder / f"vgg19-{size}.mnn", folder / f"vgg19-{size}.onnx")
