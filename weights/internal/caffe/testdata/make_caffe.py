"""Writes v1.caffemodel, v2.caffemodel and double.caffemodel beside itself, with protobuf and Caffe's own messages.

The argument is caffe.proto of Caffe (BVLC/caffe, src/caffe/proto); grpcio-tools compiles it. The layers are those of
a small VGG: two convolutions and a dense layer, in the old file with four sizes for each blob, as Oxford's has them.
Every array counts 0, 1/8, 2/8 ... in C order.
"""

import pathlib
import sys
import tempfile

import numpy as np
from grpc_tools import protoc

here = pathlib.Path(__file__).parent
proto = pathlib.Path(sys.argv[1])
with tempfile.TemporaryDirectory() as out:
    assert protoc.main(["protoc", f"-I{proto.parent}", f"--python_out={out}", proto.name]) == 0
    sys.path.insert(0, out)
    import caffe_pb2


def count(*shape):
    return (np.arange(np.prod(shape), dtype=np.float64) / 8).tolist()


def old(blob, num, channels, height, width):
    blob.num, blob.channels, blob.height, blob.width = num, channels, height, width
    blob.data.extend(count(num, channels, height, width))


def new(blob, *shape, double=False):
    blob.shape.dim.extend(shape)
    (blob.double_data if double else blob.data).extend(count(*shape))


def write(name, net):
    (here / name).write_bytes(net.SerializeToString(deterministic=True))


V1 = caffe_pb2.V1LayerParameter
net = caffe_pb2.NetParameter(name="VGG_ILSVRC_0_layers", input=["data"], input_dim=[10, 3, 224, 224])
for name, kind, shapes in [
    ("conv1_1", V1.CONVOLUTION, [(4, 3, 2, 5), (1, 1, 1, 4)]),
    ("relu1_1", V1.RELU, []),
    ("one", V1.CONVOLUTION, [(1, 1, 2, 5), (1, 1, 1, 1)]),
    ("fc6", V1.INNER_PRODUCT, [(1, 1, 6, 12), (1, 1, 1, 6)]),
    ("fc7", V1.INNER_PRODUCT, [(1, 1, 1, 6), (1, 1, 1, 1)]),
    ("prob", V1.SOFTMAX, []),
]:
    layer = net.layers.add(name=name, type=kind, bottom=["x"], top=[name], blobs_lr=[1, 2])
    layer.convolution_param.num_output = 4
    for shape in shapes:
        old(layer.blobs.add(), *shape)
write("v1.caffemodel", net)

for double in (False, True):
    net = caffe_pb2.NetParameter(name="" if double else "GoogleNet")
    for name, kind, shapes in [
        ("data", "Input", []),
        ("conv1/7x7_s2", "Convolution", [(4, 3, 2, 5), (4,)]),
        ("conv1/bn", "BatchNorm", [(4,), (4,), (1,)]),
        ("conv1/scale", "Scale", [(4,), (4,)]),
        ("loss3/classifier", "InnerProduct", [(6, 12), (6,)]),
    ]:
        layer = net.layer.add(name=name, type=kind, bottom=["x"], top=[name])
        layer.convolution_param.pad.append(3)
        for shape in shapes:
            blob = layer.blobs.add()
            new(blob, *shape, double=double)
            blob.diff.extend([1, 2])
    if double:
        net.ClearField("name")
    write("double.caffemodel" if double else "v2.caffemodel", net)
