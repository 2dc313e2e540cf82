"""How far the reference's L-BFGS trace moves when nothing but rounding changes.

Repeats the run behind neural-style-pt_lbfgs.json (see its fields) in PyTorch: on one and two threads,
in float64, and from pixels moved by noise of 1e-5 in 255, less than the last bit of most of them. For
every iteration and every printed loss it writes the largest relative deviation from the recorded
trace. Usage: python spread.py FOLDER, the folder with golden/ and weights/; needs torch, numpy, pillow.
"""
import json
import sys

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

root = sys.argv[1]
golden = json.load(open(f"{root}/golden/neural-style-pt_lbfgs.json"))
rows = golden["rows"]
weights = np.load(f"{root}/weights/vgg19_hybrid.npz")
mean = torch.tensor([103.939, 116.779, 123.68]).view(1, 3, 1, 1)


def picture(name):
    rgb = np.asarray(Image.open(f"{root}/golden/{name}").convert("RGB")).astype(np.float32) / 255
    return torch.tensor(rgb).permute(2, 0, 1)[None][:, [2, 1, 0]] * 255 - mean


def features(x, params):
    out = {}
    for block, convs in enumerate([2, 2, 4, 4, 1], 1):
        for i in range(1, convs + 1):
            w, b = params[f"conv{block}_{i}.weight"], params[f"conv{block}_{i}.bias"]
            x = out[f"relu{block}_{i}"] = F.relu(F.conv2d(x, w, b, padding=1))
        x = F.max_pool2d(x, 2, 2)
    return out


def gram(f):
    m = f.reshape(f.shape[1], -1)
    return m @ m.t() / f.numel()


def trace(dtype, threads, noise, seed):
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    params = {k: torch.tensor(weights[k]).to(dtype) for k in weights.files}
    content, style = picture(golden["content"]).to(dtype), picture(golden["style"]).to(dtype)
    with torch.no_grad():
        grams = [gram(features(style, params)[l]) for l in golden["style_layers"]]
        target = features(content, params)[golden["content_layers"][0]]
    moved = content + noise * torch.randn(content.shape, dtype=torch.float64)
    x = moved.to(dtype).requires_grad_(True)
    out = []

    def closure():
        optimizer.zero_grad()
        f = features(x, params)
        parts = [golden["content_weight"] * F.mse_loss(f[golden["content_layers"][0]], target)]
        for layer, g in zip(golden["style_layers"], grams):
            parts.append(golden["style_weight"] * F.mse_loss(gram(f[layer]), g))
        tv = (x[:, :, 1:] - x[:, :, :-1]).abs().sum() + (x[:, :, :, 1:] - x[:, :, :, :-1]).abs().sum()
        total = sum(parts) + golden["tv_weight"] * tv
        total.backward()
        out.append([total.item()] + [p.item() for p in parts])
        return total

    optimizer = torch.optim.LBFGS([x], max_iter=len(rows), lr=golden["learning_rate"],
                                  history_size=golden["lbfgs_num_correction"],
                                  tolerance_grad=-1, tolerance_change=-1)
    optimizer.step(closure)
    return np.array(out)


want = np.array([[r["total"]] + r["content"] + r["style"] for r in rows])
runs = [trace(torch.float32, 1, 0, 0), trace(torch.float32, 2, 0, 0), trace(torch.float64, 2, 0, 0)]
runs += [trace(torch.float32, 2, 1e-5, seed) for seed in range(1, 9)]
runs += [trace(torch.float64, 2, 1e-5, seed) for seed in range(1, 5)]
with np.errstate(divide="ignore", invalid="ignore"):
    worst = np.nanmax([np.abs(r - want) / np.abs(want) for r in runs], axis=0)
worst[~np.isfinite(worst)] = 0  # the content term of the first iteration is 0
json.dump({"torch": torch.__version__, "runs": len(runs), "columns": ["total", "content", "style..."],
           "deviation": [[float(f"{v:.3g}") for v in row] for row in worst]},
          open("neural-style-pt_spread.json", "w"), indent=None)
