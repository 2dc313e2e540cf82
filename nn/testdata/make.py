"""Writes torchvision.json beside itself: activations of torchvision's networks, with PyTorch in float64.

The parameters of the networks, and the picture, are made by counted(), which the tests do again. Layers are
recorded under the names that package nn has for them.
"""

import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
import torchvision
from PIL import Image

here = pathlib.Path(__file__).parent
torch.set_grad_enabled(False)


def counted(seed, *shape):
    """Numbers in -1..1 that look random, exact in float32: a hash of seed and index."""
    i = np.arange(np.prod(shape), dtype=np.uint64) + np.uint64(seed << 32)
    mask = np.uint64(0xFFFFFFFF)
    h = (i ^ (i >> np.uint64(32)) * np.uint64(0x9E3779B1)) & mask
    for multiplier in (0x85EBCA6B, 0xC2B2AE35):
        h = (h ^ (h >> np.uint64(15))) * np.uint64(multiplier) & mask
    h ^= h >> np.uint64(16)
    return ((h >> np.uint64(8)).astype(np.float64) / 2**23 - 1).reshape(shape)


def set_parameters(model):
    """Layer i in order has parameters with the seeds 8i, 8i+1 ..., and batch normalisation those of
    the convolution before it."""
    i = -1
    for m in model.modules():
        if isinstance(m, (torch.nn.Conv2d, torch.nn.Linear)):
            i += 1
            fan_in = m.weight[0].numel()
            m.weight.copy_(torch.tensor(counted(8 * i, *m.weight.shape) * np.sqrt(6 / fan_in).astype(np.float32)))
            if m.bias is not None:
                m.bias.copy_(torch.tensor(counted(8 * i + 1, *m.bias.shape) / 8))
        if isinstance(m, torch.nn.BatchNorm2d):
            m.weight.copy_(torch.tensor(1 + counted(8 * i + 2, *m.weight.shape) / 2))
            m.bias.copy_(torch.tensor(counted(8 * i + 3, *m.bias.shape) / 2))
            m.running_mean.copy_(torch.tensor(counted(8 * i + 4, *m.bias.shape) / 2))
            m.running_var.copy_(torch.tensor(1 + counted(8 * i + 5, *m.bias.shape) / 2))


def record(x, random, most=40):
    x = x.numpy()[0]
    x = x.transpose(1, 2, 0) if x.ndim == 3 else x.reshape(1, 1, -1)
    index = np.sort(random.choice(x.size, min(most, x.size), replace=False))
    return {
        "shape_hwc": x.shape,
        "rms": float(np.sqrt((x**2).mean())),
        "flat_index_hwc": index.tolist(),
        "value": [float(f"{v:.9g}") for v in x.reshape(-1)[index]],
    }


def run(model, height, width, layers):
    """Records what the named modules return for the picture with the seed 1 << 20."""
    model = model.double().eval()
    set_parameters(model)
    random = np.random.default_rng(1)
    out = {}
    for module, name in layers.items():
        model.get_submodule(module).register_forward_hook(
            lambda m, i, y, name=name: out.__setitem__(name, record(y, random)))
    picture = torch.tensor(counted(1 << 20, height, width, 3).transpose(2, 0, 1)[None] / 2 + 0.5)
    mean, std = (torch.tensor(v, dtype=torch.float64)[:, None, None] for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    model((picture - mean) / std)
    parameters = sum(p.numel() for p in model.parameters())
    scales = sum(m.weight.numel() for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d))
    # folded, batch normalisation leaves a bias
    return {"height": height, "width": width, "parameters": parameters - scales, "layers": out}


models = torchvision.models
modules = {f"inception{m}": f"inception_{m}/output" for m in ("3a", "4a", "4e", "5b")}
mixed = {"Mixed_5b": "mixed", "Mixed_5d": "mixed_2", "Mixed_6a": "mixed_3", "Mixed_6e": "mixed_7",
         "Mixed_7a": "mixed_8", "Mixed_7b": "mixed_9", "Mixed_7c": "mixed_10"}
golden = {
    "googlenet-tv": run(models.googlenet(weights=None, init_weights=False, aux_logits=False, transform_input=True), 103, 134,
                        {"conv3": "conv2/relu", "maxpool2": "pool2", **modules, "fc": "loss3/classifier"}),
    "inceptionv3-tv": run(models.inception_v3(weights=None, init_weights=False, aux_logits=False, transform_input=True), 131, 160,
                          {"maxpool2": "pool_1", **mixed, "fc": "softmax"}),
    "squeezenet1.0": run(models.squeezenet1_0(weights=None), 103, 134,
                         {"features.0": "conv1", "features.5": "fire4/concat", "features.12": "fire9/concat", "classifier.3": "pool10"}),
    "squeezenet1.1": run(models.squeezenet1_1(weights=None), 103, 134,
                         {"features.0": "conv1", "features.7": "fire5/concat", "features.12": "fire9/concat", "classifier.3": "pool10"}),
    "vgg11": run(models.vgg11(weights=None), 53, 70, {"features.1": "relu1_1", "features.9": "relu3_2", "features.20": "pool5"}),
    "vgg13": run(models.vgg13(weights=None), 53, 70, {"features.3": "relu1_2", "features.13": "relu3_2", "features.24": "pool5"}),
}
(here / "torchvision.json").write_text(json.dumps(golden, indent=0) + "\n")
