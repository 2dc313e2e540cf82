"""Writes the files torch_*.pth and torch_script.pt beside itself, with PyTorch.

Every tensor counts 0, 1/8, 2/8 ... in C order, whatever its strides are. Each file is loaded again
before the script believes in it. The keys of storages in the files before version 1.6 are addresses, so
that these differ a little from run to run.
"""

import collections
import pathlib

import torch

here = pathlib.Path(__file__).parent


def count(*shape, dtype=torch.float32):
    n = torch.Size(shape).numel()
    return (torch.arange(n, dtype=torch.float64) / 8).reshape(shape).to(dtype)


def spread(t, step):
    """The same numbers in memory where step - 1 others follow each."""
    room = torch.full((*t.shape, step), -1, dtype=t.dtype)
    room[..., 0] = t
    return room[..., 0]


def tensors():
    both = torch.cat([count(7), count(7)])
    return collections.OrderedDict(
        [
            ("float.weight", count(4, 3, 2, 5)),
            ("float.bias", count(7)),
            ("half.weight", count(4, 3, 2, 5, dtype=torch.float16)),
            ("double.weight", count(4, 3, 2, 5, dtype=torch.float64)),
            ("dense.weight", count(6, 12)),
            ("transposed.weight", count(6, 12).t().contiguous().t()),
            ("channels_last.weight", count(4, 3, 2, 5).contiguous(memory_format=torch.channels_last)),
            ("spread.weight", spread(count(4, 3, 2, 5), 3)),
            ("second.bias", both[7:]),
            ("first.bias", both[:7]),
            ("parameter.bias", torch.nn.Parameter(count(7))),
            ("bn.num_batches_tracked", torch.tensor(3)),
        ]
    )


def save(name, value, legacy=False):
    torch.save(value, here / name, _use_new_zipfile_serialization=not legacy)
    torch.load(here / name, weights_only=False)


state = tensors()
state._metadata = {"": {"version": 1}}
save("torch_legacy.pth", state, legacy=True)
state["brain.weight"] = count(4, 3, 2, 5, dtype=torch.bfloat16)
save("torch_zip.pth", state)

conv = torch.nn.Conv2d(3, 4, (2, 5))
with torch.no_grad():
    conv.weight.copy_(count(4, 3, 2, 5))
    conv.bias.copy_(count(4))
optimizer = torch.optim.Adam(conv.parameters())
conv(count(1, 3, 2, 5)).sum().backward()
optimizer.step()
with torch.no_grad():
    conv.weight.copy_(count(4, 3, 2, 5))
    conv.bias.copy_(count(4))
wrapped = torch.nn.DataParallel(torch.nn.Sequential(conv)).state_dict()
save("torch_checkpoint.pth", {"epoch": 3, "lr": 0.5, "done": True, "optimizer": optimizer.state_dict(), "state_dict": wrapped})

torch.serialization.set_crc32_options(False)
save("torch_no_sums.pth", {"float.weight": count(4, 3, 2, 5), "float.bias": count(7)})
torch.serialization.set_crc32_options(True)

save("torch_model.pth", conv)
save("torch_model_legacy.pth", conv, legacy=True)
torch.jit.script(conv).save(here / "torch_script.pt")


def reduce_v1(self, _):
    """How tensors were pickled before PyTorch 0.4, and so in torchvision's vgg16 and vgg19."""
    storage = torch.storage.TypedStorage(wrap_storage=self.untyped_storage(), dtype=self.dtype, _internal=True)
    return torch._utils._rebuild_tensor, (storage, self.storage_offset(), tuple(self.size()), self.stride())


torch.Tensor.__reduce_ex__ = reduce_v1
del torch.nn.Parameter.__reduce_ex__
save("torch_legacy_v1.pth", tensors(), legacy=True)
