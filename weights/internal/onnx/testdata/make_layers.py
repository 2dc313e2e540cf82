"""Writes the ONNX files of TestLayers beside itself, with torch's two exporters and ONNX Runtime's optimiser.

The network is a convolution, a batch normalisation, a convolution without bias, a batch normalisation, and two dense
layers. Every array counts as first + step·i in C order: see Small for the numbers of each.
"""

import pathlib

import numpy as np
import onnx
import onnxruntime as ort
import torch
from torch import nn

here = pathlib.Path(__file__).parent


def count(tensor, first, step):
    with torch.no_grad():
        tensor.copy_((first + step * torch.arange(tensor.numel())).reshape(tensor.shape))


class Small(nn.Module):
    def __init__(self, before=None):
        super().__init__()
        self.before = before
        self.features = nn.Sequential(
            nn.Conv2d(3, 4, 3, padding=1),
            nn.BatchNorm2d(4),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),
            nn.Conv2d(4, 5, 3, padding=1, bias=False),
            nn.BatchNorm2d(5, eps=0.25),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),
        )
        self.classifier = nn.Sequential(nn.Linear(20, 6), nn.ReLU(), nn.Dropout(), nn.Linear(6, 7))
        count(self.features[0].weight, 0, 1 / 128)
        count(self.features[0].bias, 1, 1 / 8)
        count(self.features[4].weight, -0.5, 1 / 128)
        for norm in (self.features[1], self.features[5]):
            count(norm.weight, 1, 1 / 4)
            count(norm.bias, -1, 1 / 2)
            count(norm.running_mean, 2, 1)
            count(norm.running_var, 4, 4)
        for layer in (self.classifier[0], self.classifier[3]):
            count(layer.weight, -0.25, 1 / 64)
            count(layer.bias, 0.5, 1 / 16)

    def forward(self, x):
        if self.before is not None:
            x = self.before(x)
        return self.classifier(torch.flatten(self.features(x), 1))


class Normalise(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.5, 0.25, 0.125]).reshape(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.25, 0.5, 2.0]).reshape(1, 3, 1, 1))

    def forward(self, x):
        return (x - self.mean) / self.std


class Decomposed(nn.Module):
    """Batch normalisation as x·scale + shift, with constants."""

    def __init__(self, norm):
        super().__init__()
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        self.scale = nn.Parameter(scale.detach().reshape(1, -1, 1, 1))
        self.shift = nn.Parameter((norm.bias - norm.running_mean * scale).detach().reshape(1, -1, 1, 1))

    def forward(self, x):
        return x * self.scale + self.shift


def save(name, net, **how):
    net.eval()
    x = torch.linspace(-1, 1, 3 * 8 * 8).reshape(1, 3, 8, 8)
    path = here / name
    torch.onnx.export(net, (x,), str(path), **how)
    model = onnx.load(path)
    for node in model.graph.node:  # where in the program it is from, which is most of the file
        del node.metadata_props[:]
    del model.graph.value_info[:], model.graph.metadata_props[:], model.metadata_props[:]
    onnx.save(model, path)
    onnx.checker.check_model(str(path))
    got = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run(None, {"x": x.numpy()})[0]
    assert np.allclose(got, net(x).detach().numpy(), 1e-4), name
    return path


def optimise(source, name, level):
    options = ort.SessionOptions()
    options.optimized_model_filepath = str(here / name)
    options.graph_optimization_level = level
    ort.InferenceSession(str(here / source), options, providers=["CPUExecutionProvider"])


old = dict(dynamo=False, opset_version=17, input_names=["x"])
new = dict(dynamo=True, external_data=False, input_names=["x"])
save("legacy.onnx", Small(), **old)
save("legacy_norm.onnx", Small(), training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False, **old)
save("legacy_before.onnx", Small(Normalise()), **old)
save("dynamo.onnx", Small(), **new)
save("dynamo_plain.onnx", Small(), optimize=False, **new)
parts = Small()
parts.features[1] = Decomposed(parts.features[1])
parts.features[5] = Decomposed(parts.features[5])
save("parts.onnx", parts, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False, **old)
optimise("legacy_norm.onnx", "extended.onnx", ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED)
optimise("legacy_norm.onnx", "blocked.onnx", ort.GraphOptimizationLevel.ORT_ENABLE_ALL)
