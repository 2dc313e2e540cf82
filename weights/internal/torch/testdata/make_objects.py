"""Writes torch_objects.pth and torch_float8.pth beside itself, with PyTorch: a network among the things that programs save
beside it, and the types of 8 bits. Every tensor of the network counts 0, 1/8, 2/8 ... in C order.
"""

import argparse
import collections
import dataclasses
import datetime
import enum
import pathlib
import random

import numpy as np
import torch

here = pathlib.Path(__file__).parent


def count(*shape):
    return (torch.arange(torch.Size(shape).numel()) / 8).reshape(shape)


class Phase(enum.Enum):
    TRAIN = 1


class Bag(collections.OrderedDict):
    pass


@dataclasses.dataclass
class Config:
    rate: float
    path: pathlib.Path


def save(name, value, **how):
    torch.save(value, here / name, **how)
    torch.load(here / name, weights_only=False)


things = {
    "args": argparse.Namespace(lr=0.1, out=pathlib.PurePosixPath("runs/a"), layers=[1, 2]),
    "config": Config(0.5, pathlib.PurePosixPath("a")),
    "seen": {1, 2},
    "frozen": frozenset(["a"]),
    "started": datetime.datetime(2024, 1, 2, 3, 4, 5),
    "took": datetime.timedelta(seconds=3),
    "phase": Phase.TRAIN,
    "best": np.float64(0.75),
    "rng": {"numpy": np.random.RandomState(1).get_state(), "python": random.Random(1).getstate(), "torch": torch.get_rng_state()[:16]},
    "generator": np.random.default_rng(1),
    "losses": [i / 8 for i in range(20)],
    "counts": collections.Counter("abba"),
    "by_class": collections.defaultdict(list, {3: [1.0]}),
    "slice": slice(1, 2),
    "complex": 1 + 2j,
    "dtype": torch.float16,
    "device": torch.device("cpu"),
    "state": Bag([("conv.weight", count(4, 3, 2, 5)), ("conv.bias", count(4))]),
    "pairs": [("a.weight", count(6, 12)), ("a.bias", count(6))],
    "tuple": (count(4), [count(7)]),
}
for protocol in (2, 4):
    save(f"torch_objects{protocol}.pth", things, pickle_protocol=protocol)
bits = torch.arange(1, 9, dtype=torch.uint8) * 8
save("torch_float8.pth", {
    "e4m3": bits.view(torch.float8_e4m3fn), "e5m2": bits.view(torch.float8_e5m2), "e8m0": bits.view(torch.float8_e8m0fnu),
    "uint16": torch.tensor([1, 2, 3], dtype=torch.uint16), "empty": torch.zeros(0, 4),
})
