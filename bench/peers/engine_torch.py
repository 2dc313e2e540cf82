"""PyTorch: forward and step of VGG-19, dream step of GoogLeNet."""

import numpy as np
import torch
import torch.nn.functional as F

import nets


class VGG19(torch.nn.Module):
    """To relu5_1."""

    def __init__(self):
        super().__init__()
        self.layers = []
        for name, *params in nets.vgg19():
            self.layers.append((name, *map(torch.from_numpy, params)))

    def to_format(self, fmt):
        self.layers = [(n, *(p.contiguous(memory_format=fmt) if p.dim() == 4 else p for p in ps)) for n, *ps in self.layers]
        return self

    def forward(self, x):
        features = {}
        for name, *params in self.layers:
            if params:
                x = F.relu(F.conv2d(x, *params, padding=1), inplace=True)
                features["relu" + name] = x
            else:
                x = F.max_pool2d(x, 2)
        return features


class GoogLeNet(torch.nn.Module):
    """To inception_4c/output; Caffe's pools round sizes up."""

    def __init__(self):
        super().__init__()
        rng = np.random.default_rng(0)

        def conv(cin, cout, kernel):
            return tuple(map(torch.from_numpy, nets.conv_weights(rng, cin, cout, kernel)))

        self.stem = [conv(3, 64, 7), conv(64, 64, 1), conv(64, 192, 3)]
        self.inceptions, cin = [], 192
        for m in nets.INCEPTION:
            if m is None:
                self.inceptions.append(None)
                continue
            a, br, b, cr, c, d = m
            self.inceptions.append([conv(cin, a, 1), conv(cin, br, 1), conv(br, b, 3), conv(cin, cr, 1), conv(cr, c, 5), conv(cin, d, 1)])
            cin = a + b + c + d

    def to_format(self, fmt):
        convert = lambda p: (p[0].contiguous(memory_format=fmt), p[1])
        self.stem = [convert(p) for p in self.stem]
        self.inceptions = [m and [convert(p) for p in m] for m in self.inceptions]
        return self

    def forward(self, x):
        def conv(x, p, stride=1):
            return F.relu(F.conv2d(x, *p, stride=stride, padding=p[0].shape[2] // 2), inplace=True)

        def pool(x):
            return F.max_pool2d(x, 3, 2, ceil_mode=True)

        def norm(x):
            return F.local_response_norm(x, 5, 1e-4, 0.75, 1.0)

        x = norm(pool(conv(x, self.stem[0], 2)))
        x = pool(norm(conv(conv(x, self.stem[1]), self.stem[2])))
        for m in self.inceptions:
            if m is None:
                x = pool(x)
                continue
            x = torch.cat([
                conv(x, m[0]), conv(conv(x, m[1]), m[2]), conv(conv(x, m[3]), m[4]),
                conv(F.max_pool2d(x, 3, 1, 1), m[5]),
            ], 1)
        return x


def gram(x):
    n, c, h, w = x.shape
    f = x.reshape(c, h * w)
    return f @ f.t() / (c * h * w)


def build(work, size, threads, channels_last=False):
    """Returns a function that does the work once, and a version."""
    torch.set_num_threads(threads)
    fmt = torch.channels_last if channels_last else torch.contiguous_format
    net, kind = work.split("/")
    model = (VGG19() if net == "vgg19" else GoogLeNet()).to_format(fmt)
    x = torch.from_numpy(nets.image(size)).contiguous(memory_format=fmt)
    version = "torch " + torch.__version__
    if kind == "forward":
        @torch.inference_mode()
        def forward():
            out = model(x)
            return out["relu5_1"] if net == "vgg19" else out
        return forward, version

    if net == "googlenet":
        loss = lambda: model(x).square().mean() / 2
    else:
        with torch.no_grad():
            features = model(torch.from_numpy(nets.image(size)[..., ::-1].copy()).contiguous(memory_format=fmt))
            grams = {l: gram(features[l]) for l in nets.STYLE}
            content = features[nets.CONTENT].clone()
            del features

        def loss():
            f = model(x)
            return F.mse_loss(f[nets.CONTENT], content) + sum(F.mse_loss(gram(f[l]), grams[l]) for l in nets.STYLE)
    x.requires_grad_()

    def step():
        return torch.autograd.grad(loss(), x)[0]
    return step, version
