"""The checks of a model's signature, its building and its shapes."""

from __future__ import annotations

import time

import numpy as np

from ..backends.mxnet.runtime import import_mxnet
from ..foreign import type_name
from ..models.graph_model import GraphModel
from .case import expect_settings_kept, keyword_options
from .effects import seeds_set
from .model_case import CLASSES, ModelCase, built_or_broken
from .results import Broken, Check, NotApplicable, vital


@vital
def takes_classes_by_keyword(case: ModelCase) -> str:
    """The factory takes keyword options, `classes` among them, and needs no others.

    >>> from mxdigits.registry import MODELS
    >>> takes_classes_by_keyword(ModelCase(MODELS, MODELS.entry("mlp"), {}))
    "(classes=10, hidden=(128, 64), activation='relu', dropout=0.0)"
    """
    takes = case.registry.takes(case.entry.name)
    if "classes" not in takes.defaults and not takes.open_ended:
        raise Broken(f"({takes})", "add the keyword: def build(*, classes=10)")
    return f"({keyword_options(case)})"


@vital
def builds(case: ModelCase) -> str:
    """The factory builds a network of 10 classes.

    >>> from mxdigits.registry import MODELS
    >>> builds(ModelCase(MODELS, MODELS.entry("mlp"), {})).startswith("in ")
    True
    """
    _ = case.settings_before
    began = time.perf_counter()
    case.make()
    seconds = time.perf_counter() - began
    case.figures["build_seconds"] = round(seconds, 3)
    return f"in {seconds:.2f} s"


@vital
def returns_a_hybrid_block(case: ModelCase) -> None:
    """The factory returns a HybridBlock of Gluon.

    >>> from mxdigits.registry import MODELS
    >>> returns_a_hybrid_block(ModelCase(MODELS, MODELS.entry("mlp"), {}))
    """
    block = case.make()
    if isinstance(block, GraphModel):
        raise NotApplicable("it is a graph from a file, which is checked as it is read")
    if not isinstance(block, import_mxnet().gluon.HybridBlock):
        raise Broken(
            f"{type(block).__module__}.{type_name(block)}",
            "derive it from mxnet.gluon.HybridBlock, and write hybrid_forward(self, F, x)",
        )


def building_sets_no_seed(case: ModelCase) -> None:
    """Building sets no global generator to a seed of its own.

    >>> from mxdigits.registry import MODELS
    >>> building_sets_no_seed(ModelCase(MODELS, MODELS.entry("mlp"), {}))
    """
    seeded = seeds_set(case.make)
    if seeded:
        raise Broken(f"{', '.join(seeded)} was seeded", "leave the seed to the recipe")


def building_keeps_settings(case: ModelCase) -> None:
    """Building changes no setting of NumPy, MXNet or the process.

    >>> from mxdigits.registry import MODELS
    >>> building_keeps_settings(ModelCase(MODELS, MODELS.entry("mlp"), {}))
    """
    expect_settings_kept(case)


def builds_a_new_network_each_time(case: ModelCase) -> None:
    """Two networks share no parameter.

    >>> from mxdigits.registry import MODELS
    >>> builds_a_new_network_each_time(ModelCase(MODELS, MODELS.entry("mlp"), {}))
    """
    one, two = case.make(), case.make()
    shared = {id(p) for p in one.collect_params().values()} & {
        id(p) for p in two.collect_params().values()
    }
    if one is two or shared:
        what = "the same block twice" if one is two else f"{len(shared)} parameters in both"
        raise Broken(what, "make the block inside the factory, and keep none in the module")


@vital
def initialises_every_parameter(case: ModelCase) -> str:
    """After the first images every parameter has its shape and values.

    >>> from mxdigits.registry import MODELS
    >>> initialises_every_parameter(ModelCase(MODELS, MODELS.entry("mlp"), {}))
    '109,386 values'
    """
    mx = import_mxnet()
    network = case.make()
    network.initialize("xavier", ctx=mx.cpu())
    network(case.images(2)).wait_to_read()
    total = 0
    for name, parameter in network.collect_params().items():
        try:
            total += int(parameter.data().size)
        except mx.gluon.parameter.DeferredInitializationError:
            raise Broken(
                f"{name} has none: no image reached it", "use it in hybrid_forward, or remove it"
            ) from None
    case.figures["parameters"] = total
    return f"{total:,} values"


@vital
def gives_one_logit_a_class(case: ModelCase) -> None:
    """Batches of 1, 2 and 7 images give float32 logits of shape (N, 10).

    >>> from mxdigits.registry import MODELS
    >>> gives_one_logit_a_class(ModelCase(MODELS, MODELS.entry("mlp"), {}))
    """
    network = built_or_broken(case)
    for count in (1, 2, 7):
        logits = network(case.images(count))
        if logits.shape != (count, CLASSES) or logits.dtype != np.float32:
            raise Broken(
                f"{np.dtype(logits.dtype)} of shape {logits.shape} for {count} images",
                "end with nn.Dense(classes), and fix no batch size in the network",
            )


def follows_classes(case: ModelCase) -> None:
    """With 2 and with 37 classes there are as many logits.

    >>> from mxdigits.registry import MODELS
    >>> follows_classes(ModelCase(MODELS, MODELS.entry("mlp"), {}))
    """
    for classes in (2, 37):
        built_or_broken(case, classes=classes)


def takes_the_image_shapes_it_claims(case: ModelCase) -> str:
    """Every image shape that it claims gives logits.

    >>> from mxdigits.registry import MODELS
    >>> takes_the_image_shapes_it_claims(ModelCase(MODELS, MODELS.entry("mlp"), {}))
    '1x28x28, 1x7x5, 3x32x32'
    """
    for shape in case.image_shapes:
        built_or_broken(case, shape=shape)
    return ", ".join("x".join(map(str, shape)) for shape in case.image_shapes)


BUILDING: list[Check] = [
    takes_classes_by_keyword,
    builds,
    returns_a_hybrid_block,
    building_sets_no_seed,
    building_keeps_settings,
    builds_a_new_network_each_time,
    initialises_every_parameter,
    gives_one_logit_a_class,
    follows_classes,
    takes_the_image_shapes_it_claims,
]
