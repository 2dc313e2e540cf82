"""Writes imagenet.txt, the names of ImageNet's 1000 classes in the order in which classifiers have them.

    python zoo/testdata/make_imagenet.py > zoo/imagenet.txt

They are those of torchvision (BSD 3-clause licence, https://github.com/pytorch/vision).
"""
from torchvision.models._meta import _IMAGENET_CATEGORIES

print("\n".join(_IMAGENET_CATEGORIES))
