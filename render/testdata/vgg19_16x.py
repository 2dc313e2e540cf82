"""Writes vgg19_16x.json: activations of the compressed VGG-19 and a gradient, by PyTorch in float64.

    python vgg19_16x.py vgg19_16x.npz cat_224.png
"""

import json
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

torch.set_default_dtype(torch.float64)
params = {k: torch.from_numpy(v.astype(np.float64)) for k, v in np.load(sys.argv[1]).items()}
picture = np.asarray(Image.open(sys.argv[2]).convert("RGB"), dtype=np.float64) / 255
x = torch.from_numpy(picture).permute(2, 0, 1)[None].requires_grad_()

layers = {}
y = F.conv2d(x, params["conv0.weight"], params["conv0.bias"])
for block, convs in enumerate((2, 2, 4, 4, 1), 1):
    if block > 1:
        y = F.max_pool2d(y, 2)
    for i in range(1, convs + 1):
        name = f"conv{block}{i}"
        y = F.relu(F.conv2d(F.pad(y, (1, 1, 1, 1), mode="reflect"), params[name + ".weight"], params[name + ".bias"]))
        layers[f"relu{block}_{i}"] = y
(gradient,) = torch.autograd.grad((layers["relu4_1"] ** 2).sum() / 2 + (layers["relu5_1"] ** 2).sum() / 2, x)

r = np.random.default_rng(1)


def record(t):
    a = t.detach()[0].permute(1, 2, 0).numpy()
    at = np.sort(r.choice(a.size, 24, replace=False))
    return {
        "shape_hwc": list(a.shape),
        "rms": float(np.sqrt((a**2).mean())),
        "flat_index_hwc": at.tolist(),
        "value": a.reshape(-1)[at].tolist(),
    }


names = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
out = {"layers": {n: record(layers[n]) for n in names}, "gradient": record(gradient)}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=1) + "\n")
