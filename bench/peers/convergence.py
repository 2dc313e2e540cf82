#!/usr/bin/env python3
"""Style transfer in PyTorch by the recipes of other programs: how their pictures change with time.

    bench/peers/convergence.py RECIPE CONTENT STYLE --weights vgg19.npz --size 256 --steps 1000 --every 50 --out DIR
RECIPE is

    nsp   neural-style-pt's: its loss and weights, one size, torch.optim.LBFGS with 100 pairs
    ours  the loss of oneiro (relative Gram, content and TV), minimised as nsp does
    stp   style-transfer-pytorch itself (--program is its folder): W2, Adam, EMA, sizes by sqrt(2)
    nnst  Neural Neighbor Style Transfer itself (--program is its folder), with VGG-19 where it has VGG-16

Every few steps it writes DIR/STEP.png and prints the step, the processor's seconds (user and system, of all
threads, without reading and writing) and the loss that the recipe minimises; nnst only at the end, and without a
loss. docs/convergence.md and docs/styles.md tell what for. Needs torch, numpy and Pillow, torchvision for stp and
nnst, and imageio for nnst.
"""
import argparse
import os
import sys
import time
import types

import numpy as np
import torch
from PIL import Image
from torch import nn

STYLE = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]
CONTENT = "relu4_2"
MEAN = torch.tensor([103.939, 116.779, 123.68]).view(1, 3, 1, 1)  # BGR, Caffe's


def layers(path):
    """The layers of VGG-19 up to relu5_1, with their names."""
    z = np.load(path)
    names, modules, channels, block, k = [], [], 3, 1, 1
    for c in [64, 64, 0, 128, 128, 0, 256, 256, 256, 256, 0, 512, 512, 512, 512, 0, 512]:
        if c == 0:
            names.append(f"pool{block}")
            modules.append(nn.MaxPool2d(2))
            block, k = block + 1, 1
            continue
        conv = nn.Conv2d(channels, c, 3, padding=1)
        conv.weight.data = torch.tensor(z[f"conv{block}_{k}.weight"])
        conv.bias.data = torch.tensor(z[f"conv{block}_{k}.bias"])
        names += [f"conv{block}_{k}", f"relu{block}_{k}"]
        modules += [conv, nn.ReLU()]
        channels, k = c, k + 1
    for m in modules:
        m.requires_grad_(False)
    return names, modules


def picture(path, size):
    """1x3xHxW, BGR of 255 without the mean, the longer side that long."""
    im = Image.open(path).convert("RGB")
    f = size / max(im.size)
    im = im.resize([int(s * f) for s in im.size], Image.BILINEAR)
    x = torch.tensor(np.asarray(im, dtype=np.float32)).permute(2, 0, 1)[None]
    return (x.flip(1) - MEAN).contiguous()


def image(x):
    x = (x.detach() + MEAN).flip(1).clamp(0, 255)[0].permute(1, 2, 0)
    return Image.fromarray(x.round().to(torch.uint8).numpy())


def gram(f):
    c = f.shape[1]
    f = f.reshape(c, -1)
    return f @ f.T / f.numel()


def minimise(o, clock):
    names, modules = layers(o.weights)

    def features(x):
        out = {}
        for n, m in zip(names, modules):
            x = m(x)
            out[n] = x
        return out

    content, style = picture(o.content, o.size), picture(o.style, o.size)
    with torch.no_grad():
        goal = features(content)[CONTENT]
        f = features(style)
        grams = [gram(f[n]) for n in STYLE]

    def neural_style(x):
        f = features(x)
        loss = 5 * (f[CONTENT] - goal).square().mean()
        for n, g in zip(STYLE, grams):
            loss = loss + 100 * (gram(f[n]) - g).square().mean()
        tv = (x[..., 1:] - x[..., :-1]).abs().sum() + (x[:, :, 1:] - x[:, :, :-1]).abs().sum()
        return loss + 1e-3 * tv

    def relative(x):
        f = features(x)
        loss = (f[CONTENT] - goal).square().sum() / goal.square().sum()
        for n, g in zip(STYLE, grams):
            loss = loss + 100 / len(STYLE) * (gram(f[n]) - g).square().sum() / g.square().sum()
        x = x / 255
        tv = (x[..., 1:] - x[..., :-1]).square().mean() + (x[:, :, 1:] - x[:, :, :-1]).square().mean()
        return loss + 3 * tv

    objective = relative if o.recipe == "ours" else neural_style
    x = content.clone() if o.init == "content" else torch.randn_like(content) * 0.001
    scale = 1.0
    if o.recipe == "ours":  # whose pixels are of 0 to 1
        scale = 255.0
    x = (x / scale).requires_grad_()
    # max_iter is the number of evaluations, as in neural-style-pt
    opt = torch.optim.LBFGS([x], lr=1, max_iter=o.steps, history_size=100, tolerance_change=-1, tolerance_grad=-1)
    step = 0

    def closure():
        nonlocal step
        clock.note(step, None, lambda: image(x * scale))
        opt.zero_grad()
        loss = objective(x * scale)
        loss.backward()
        clock.loss = loss.item()
        step += 1
        return loss

    opt.step(closure)
    clock.note(step, None, lambda: image(x * scale), last=True)


def torchvision_layers(path):
    """The layers of VGG-19 as torchvision has them: for RGB with its mean and deviation."""
    _, modules = layers(path)
    conv = modules[0]
    deviation = 255 * torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
    conv.weight.data = conv.weight.flip(1) * deviation
    return types.SimpleNamespace(features=nn.Sequential(*modules))


def program(o, clock):
    """style-transfer-pytorch, with the weights given."""
    import torchvision

    package = types.ModuleType("style_transfer")
    package.__path__ = [os.path.join(o.program, "style_transfer")]
    sys.modules["style_transfer"] = package
    torchvision.models.vgg19 = lambda **_: torchvision_layers(o.weights)
    from style_transfer.style_transfer import StyleTransfer

    st = StyleTransfer()
    done = 0

    def note(it):
        nonlocal done
        done += 1
        clock.loss = it.loss
        clock.note(done, it, lambda: st.get_image(), last=(it.w, it.h) == full and it.i == it.i_max)

    content = Image.open(o.content).convert("RGB")
    f = o.size / max(content.size)
    full = tuple(round(s * f) for s in content.size)
    st.stylize(content, [Image.open(o.style).convert("RGB")], end_scale=o.size, callback=note)


def neighbours(o, clock):
    """Neural Neighbor Style Transfer, with the weights given and its defaults for 512 pixels.

    Its pyramid of eight levels needs 256 pixels on the shorter side: here it has seven."""
    import torchvision

    sys.path.insert(0, o.program)
    torchvision.models.vgg16 = lambda **_: torchvision_layers(o.weights)
    from pretrained.vgg import Vgg16Pretrained
    from utils import misc, stylize
    from utils.misc import load_path_for_pytorch

    misc.USE_GPU = False
    torch.Tensor.cuda = lambda x: x  # which zca.py calls in any case
    pyramid = stylize.dec_pyr
    stylize.dec_pyr = lambda x, levels: pyramid(x, min(levels, 7))
    cnn = Vgg16Pretrained()

    def features(x, layers, concat):
        return cnn.forward(x, inds=layers, concat=concat)

    content, style = (load_path_for_pytorch(p, target_size=o.size)[None] for p in (o.content, o.style))
    out = stylize.produce_stylization(content, style, features, max_iter=200, lr=2e-3, content_weight=0.25,
                                      max_scls=4, flip_aug=True)
    out = (out[0].permute(1, 2, 0).clamp(0, 1) * 255).to(torch.uint8).numpy()
    clock.note(1, None, lambda: Image.fromarray(out), last=True)


class Clock:
    """The processor's seconds of this process, without those of noting."""

    def __init__(self, o):
        self.o, self.away, self.loss, self.began = o, 0.0, float("nan"), time.process_time()

    def note(self, step, it, show, last=False):
        now = time.process_time()
        if step % self.o.every == 0 and step or last:
            seconds = now - self.began - self.away
            name = os.path.join(self.o.out, f"{step:05d}.png")
            show().save(name)
            print(f"{step} {seconds:.1f} {self.loss:.5g}", flush=True)
        self.away += time.process_time() - now


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("recipe", choices=["nsp", "ours", "stp", "nnst"])
    p.add_argument("content")
    p.add_argument("style")
    p.add_argument("--weights", required=True)
    p.add_argument("--size", type=int, default=256)
    p.add_argument("--steps", type=int, default=1000)
    p.add_argument("--every", type=int, default=50)
    p.add_argument("--init", choices=["content", "random"], default="random")
    p.add_argument("--program", default="style-transfer-pytorch")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--out", required=True)
    o = p.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(o.threads)
    os.makedirs(o.out, exist_ok=True)
    {"stp": program, "nnst": neighbours}.get(o.recipe, minimise)(o, Clock(o))


main()
