"""The networks of ``gluoncv.model_zoo`` that classify images, and what each needs of them.

Written down here so that they can be listed, and an unknown one answered, without GluonCV; the
tests hold the list to GluonCV's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from textwrap import fill
from typing import Any, Optional

_MOST = 4097


@dataclass(frozen=True)
class Family:
    """Networks that need the same.

    ``names`` are GluonCV's own, separated by spaces. An image is scaled to ``size`` pixels unless
    that is None; ``sizes`` are all that get through the layers. ``channels`` is None where any
    number will do. ``classes`` is the keyword for the number of outputs; None where the last layer
    has to be replaced. ``keywords`` are what else the constructors must be told.
    """

    names: str
    size: Optional[int] = 64
    sizes: range = range(1, _MOST)
    channels: Optional[int] = None
    classes: Optional[str] = "classes"
    keywords: Mapping[str, Any] = field(default_factory=dict)


FAMILIES = (
    # Made for the 32x32 pixels of CIFAR: the best here, and the quickest.
    Family(
        "cifar_resnet20_v1 cifar_resnet56_v1 cifar_resnet110_v1 cifar_resnet20_v2 "
        "cifar_resnet56_v2 cifar_resnet110_v2 cifar_wideresnet16_10 cifar_wideresnet28_10 "
        "cifar_wideresnet40_8 cifar_resnext29_32x4d cifar_resnext29_16x64d",
        size=None,
    ),
    Family(
        "cifar_residualattentionnet56 cifar_residualattentionnet92 cifar_residualattentionnet452",
        size=32,
        sizes=range(32, 33),
    ),
    # Made for ImageNet: their first layers alone shrink an image to a quarter.
    Family(
        "resnet18_v1 resnet34_v1 resnet50_v1 resnet101_v1 resnet152_v1 resnet18_v2 resnet34_v2 "
        "resnet50_v2 resnet101_v2 resnet152_v2 resnet18_v1b resnet34_v1b resnet50_v1b "
        "resnet101_v1b resnet152_v1b resnet50_v1c resnet101_v1c resnet152_v1c resnet50_v1d "
        "resnet101_v1d resnet152_v1d resnet50_v1e resnet101_v1e resnet152_v1e resnet50_v1s "
        "resnet101_v1s resnet152_v1s se_resnet18_v1 se_resnet34_v1 se_resnet50_v1 "
        "se_resnet101_v1 se_resnet152_v1 se_resnet18_v2 se_resnet34_v2 se_resnet50_v2 "
        "se_resnet101_v2 se_resnet152_v2 resnext50_32x4d resnext101_32x4d resnext101_64x4d "
        "se_resnext50_32x4d se_resnext101_32x4d se_resnext101_64x4d senet_154 senet_154e "
        "shufflenet_v1 shufflenet_v2 mobilenet1.0 mobilenet0.75 mobilenet0.5 mobilenet0.25 "
        "mobilenetv2_1.0 mobilenetv2_0.75 mobilenetv2_0.5 mobilenetv2_0.25 mobilenetv3_large "
        "mobilenetv3_small darknet53",
    ),
    # These look for the keyword, even where it says no.
    Family("resnext101e_64x4d se_resnext101e_64x4d", keywords={"pretrained": False}),
    Family("resnest14 resnest26 resnest50 resnest101 resnest200 resnest269", channels=3),
    Family("xception xception71", channels=3),
    # Without their second output, which only helps to train them.
    Family("nasnet_4_1056 nasnet_5_1538 nasnet_7_1920 nasnet_6_4032", keywords={"use_aux": False}),
    Family("vgg11 vgg13 vgg16 vgg19 vgg11_bn vgg13_bn vgg16_bn vgg19_bn", sizes=range(32, _MOST)),
    Family("alexnet", sizes=range(63, _MOST)),
    Family("dla34", sizes=range(32, _MOST, 32), channels=3),
    Family(
        "hrnet_w18_c hrnet_w18_small_v1_c hrnet_w18_small_v2_c hrnet_w30_c hrnet_w32_c "
        "hrnet_w40_c hrnet_w44_c hrnet_w48_c hrnet_w64_c",
        sizes=range(32, _MOST, 32),
        classes="num_classes",
    ),
    # Pruned: the shapes of all weights are those of a network for ImageNet's 1000 classes.
    Family(
        "resnet18_v1b_0.89 resnet50_v1d_0.86 resnet50_v1d_0.48 resnet50_v1d_0.37 "
        "resnet50_v1d_0.11 resnet101_v1d_0.76 resnet101_v1d_0.73",
        channels=3,
        classes=None,
    ),
    # Their last pooling has a fixed window.
    Family("densenet121 densenet161 densenet169 densenet201", size=224, sizes=range(221, _MOST)),
    Family("squeezenet1.0", size=224, sizes=range(213, _MOST)),
    Family("squeezenet1.1", size=224, sizes=range(209, _MOST)),
    Family("googlenet", size=224, sizes=range(223, _MOST), channels=3),
    Family("inceptionv3", size=299, sizes=range(299, _MOST)),
    Family(
        "residualattentionnet56 residualattentionnet92 residualattentionnet128 "
        "residualattentionnet164 residualattentionnet200 residualattentionnet236 "
        "residualattentionnet452",
        size=224,
        sizes=range(224, 225),
    ),
)

NETWORKS = {name: family for family in FAMILIES for name in family.names.split()}


def family_of(network: Any) -> Family:
    """What a network needs.

    Raises:
        ValueError: if there is no such network, with the nearest names.
    """
    if isinstance(network, str) and network in NETWORKS:
        return NETWORKS[network]
    near = get_close_matches(str(network).lower(), NETWORKS, n=3)
    if near:
        hint = f"did you mean {' or '.join(map(repr, near))}?"
    else:
        hint = "mxdigits models show gluoncv lists them"
    raise ValueError(f"unknown network {network!r}; {hint}")


def size_for(network: str, size: Any) -> Optional[int]:
    """The pixels to which images are scaled; None for as they are.

    Args:
        network: a name of the list.
        size: what the user asks for; None for what the network needs.

    Raises:
        ValueError: if that size does not get through the network.
    """
    family = NETWORKS[network]
    if size is None:
        return family.size
    sizes = family.sizes
    if isinstance(size, int) and not isinstance(size, bool) and size in sizes:
        return size
    if len(sizes) == 1:
        takes = f"{sizes[0]} pixels only"
    else:
        numbers = f"multiples of {sizes.step}" if sizes.step > 1 else "whole numbers"
        takes = f"{numbers} from {sizes[0]} to {sizes[-1]} pixels"
    raise ValueError(f"size: {network} takes {takes}, got {size!r}")


def listing() -> str:
    """Every network by the size to which it has an image scaled, as text."""
    by_size: dict[Optional[int], list[str]] = {}
    for name, family in NETWORKS.items():
        by_size.setdefault(family.size, []).append(name)
    return "\n\n".join(
        f"{f'Scaled to {size}x{size}' if size else 'As they are'}:\n"
        + fill(" ".join(names), 88, initial_indent="  ", subsequent_indent="  ")
        for size, names in by_size.items()
    )
