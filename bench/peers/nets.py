"""The networks and objectives of bench/networks.go for the peers: random He-scaled weights, same shapes."""

import numpy as np

BLOCKS = [(2, 64), (2, 128), (4, 256), (4, 512), (1, 512)]  # VGG-19 to relu5_1
STYLE = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]
CONTENT = "relu4_2"

# 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, projection of GoogLeNet's modules; None is a pool
INCEPTION = [
    (64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64), None,
    (192, 96, 208, 16, 48, 64), (160, 112, 224, 24, 64, 64), (128, 128, 256, 24, 64, 64),
]


def conv_weights(rng, cin, cout, kernel):
    """A filter in the order OIHW, and a bias."""
    w = rng.standard_normal((cout, cin, kernel, kernel), dtype=np.float32)
    return w * np.float32(np.sqrt(2 / (cin * kernel * kernel))), np.zeros(cout, np.float32)


def vgg19():
    """The layers of VGG-19 to relu5_1: (name, weight, bias) for a 3x3 convolution with ReLU, or (name,) for a pool."""
    rng, cin, layers = np.random.default_rng(0), 3, []
    for block, (convs, cout) in enumerate(BLOCKS, 1):
        for i in range(1, convs + 1):
            layers.append((f"{block}_{i}", *conv_weights(rng, cin, cout, 3)))
            cin = cout
        layers.append((f"pool{block}",))
    return layers[:-1]


def image(size):
    """A picture of noise as the network sees it: about 255 from black to white."""
    return np.random.default_rng(1).uniform(-128, 128, (1, 3, size, size)).astype(np.float32)
