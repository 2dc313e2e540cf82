"""Writes torch_py2.pth beside itself, with PyTorch 1.0 under Python 2, as many older files were.

Every tensor counts 0, 1/8, 2/8 ... in C order.
"""

import os

import torch

here = os.path.dirname(os.path.abspath(__file__))


def count(*shape):
    n = 1
    for d in shape:
        n *= d
    return (torch.arange(n).float() / 8).view(*shape)


net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, (2, 5)), torch.nn.BatchNorm2d(4))
with torch.no_grad():
    net[0].weight.copy_(count(4, 3, 2, 5))
    for v in (net[0].bias, net[1].weight, net[1].bias, net[1].running_mean, net[1].running_var):
        v.copy_(count(4))
state = net.state_dict()
state["dense.weight"] = count(12 * 6).view(6, 12).double().t().contiguous().t()
state[u"part.bias"] = torch.cat([count(7), count(7)])[7:]
torch.save({"epoch": 3, "images": 1 << 40, "arch": "net", "rate": 0.5, "state_dict": state}, os.path.join(here, "torch_py2.pth"))
