"""Writes model.onnx, and external.onnx with external.bin, beside itself, with onnx.

The first has every way in which a tensor can be kept, in another order than that of the nodes. Every array counts 0, 1/8,
2/8 ... in C order; the parameters of the batch normalisation begin with 1, 2, 3 and 4 in place of 0.
"""

import pathlib

import ml_dtypes
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

here = pathlib.Path(__file__).parent


def count(*shape, start=0.0):
    return (np.arange(np.prod(shape), dtype=np.float64).reshape(shape) + 8 * start) / 8


def listed(name, kind, *shape):
    return helper.make_tensor(name, kind, shape, count(*shape).ravel().tolist())


def raw(name, kind, array):
    return numpy_helper.from_array(array.astype(kind), name)


def save(name, nodes, tensors, **how):
    shape = ["n", "c", "h", "w"]
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("x0", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(nodes[-1].output[0], TensorProto.FLOAT, shape)],
        tensors,
    )
    model = helper.make_model(graph, producer_name="oneiro", opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save_model(model, here / name, **how)


kinds = ["float", "half", "half_raw", "double", "double_raw", "brain"]
nodes = [
    helper.make_node("Conv", [f"x{i}", f"{kind}_w", f"{kind}_b"], [f"x{i + 1}"], pads=[0, 2, 1, 2])
    for i, kind in enumerate(kinds)
] + [
    helper.make_node("Constant", [], ["constant_w"], value=raw("inner", "<f4", count(4, 3, 2, 5))),
    helper.make_node("Conv", ["x6", "constant_w"], ["x7"]),
    helper.make_node("BatchNormalization", ["x7", "scale", "shift", "mean", "variance"], ["x8"], epsilon=1e-3),
    helper.make_node("Reshape", ["x8", "sizes"], ["x9"]),
    helper.make_node("Gemm", ["x9", "gemm_oi", "gemm_b"], ["x10"], alpha=1.0, transB=1),
    helper.make_node("Gemm", ["x10", "gemm_io", "gemm_b"], ["x11"]),
    helper.make_node("MatMul", ["x11", "matmul"], ["x12"]),
]
w, b = (4, 3, 2, 5), (4,)
tensors = [
    raw("unused", "<f4", count(3)),
    raw("sizes", "<i8", np.array([1, -1])),
    raw("matmul", "<f4", count(12, 6)),
    raw("gemm_b", "<f4", count(6)),
    raw("gemm_io", "<f4", count(12, 6)),
    raw("gemm_oi", "<f4", count(6, 12)),
    raw("variance", "<f4", count(4, start=4)),
    raw("mean", "<f4", count(4, start=3)),
    raw("shift", "<f4", count(4, start=2)),
    raw("scale", "<f4", count(4, start=1)),
    raw("brain_b", ml_dtypes.bfloat16, count(*b)),
    listed("brain_w", TensorProto.BFLOAT16, *w),
    listed("double_b", TensorProto.DOUBLE, *b),
    raw("double_raw_b", "<f8", count(*b)),
    raw("double_raw_w", "<f8", count(*w)),
    listed("double_w", TensorProto.DOUBLE, *w),
    raw("half_raw_w", "<f2", count(*w)),
    raw("half_raw_b", "<f2", count(*b)),
    listed("half_b", TensorProto.FLOAT16, *b),
    listed("half_w", TensorProto.FLOAT16, *w),
    listed("float_w", TensorProto.FLOAT, *w),
    listed("float_b", TensorProto.FLOAT, *b),
]
save("model.onnx", nodes, tensors)
(here / "external.bin").unlink(missing_ok=True)
save(
    "external.onnx",
    [helper.make_node("Conv", ["x0", "w", "b"], ["x1"])],
    [raw("b", "<f4", count(4)), raw("w", "<f2", count(4, 3, 2, 5))],
    save_as_external_data=True,
    location="external.bin",
    size_threshold=0,
)
for name in ("model.onnx", "external.onnx"):
    onnx.checker.check_model(str(here / name))
