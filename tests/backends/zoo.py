"""The networks of Gluon's zoo."""

from __future__ import annotations

# The networks of the zoo, and the smallest images that each takes.
ZOO = {
    **dict.fromkeys(["vgg11", "vgg11_bn", "vgg13", "vgg13_bn", "vgg16", "vgg16_bn"], 32),
    **dict.fromkeys(["vgg19", "vgg19_bn"], 32),
    **{f"resnet{depth}_v{v}": 32 for depth in (18, 34, 50, 101, 152) for v in (1, 2)},
    **{f"mobilenet{width}": 32 for width in ("0.25", "0.5", "0.75", "1.0")},
    **{f"mobilenetv2_{width}": 32 for width in ("0.25", "0.5", "0.75", "1.0")},
    **dict.fromkeys(["squeezenet1.0", "squeezenet1.1"], 224),
    **dict.fromkeys(["densenet121", "densenet161", "densenet169", "densenet201"], 224),
    "alexnet": 96,
    "inceptionv3": 299,
}
