"""The checks of augmentations."""

from __future__ import annotations

import random

import numpy as np

from ..arrays import Floats
from ..augmentations.build import build_augmentation
from ..backends.mxnet.runtime import import_mxnet, seed_everything
from ..backends.mxnet.types import Network
from ..errors import PluginError
from ..graph import Graph
from ..graph.building import first_alone
from .case import Case, expect_settings_kept
from .loading import takes_keyword_options
from .results import Broken, Check, vital

_SHAPES = ((1, 28, 28), (3, 20, 24))

# Rounding may bring a pixel so far beyond 0 and 1.
_TOLERANCE = 1e-5


@vital
def gives_images_of_the_same_shape(case: Case) -> None:
    """It gives a HybridBlock or a Graph without parameters; images keep the shape they came in.

    >>> from mxdigits.registry import AUGMENTATIONS
    >>> gives_images_of_the_same_shape(Case(AUGMENTATIONS, AUGMENTATIONS.entry("affine"), {}))
    """
    _ = case.settings_before
    for shape in _SHAPES:
        try:
            _build(case, shape)
        except PluginError as error:
            raise Broken(
                str(error), "return a HybridBlock whose hybrid_forward(self, F, x) keeps the shape"
            ) from None
        changed = _changed(case, shape, seed=1)
        if changed.shape[1:] != shape:
            raise Broken(
                f"images of shape {changed.shape[1:]} for images of shape {shape}",
                "keep the shape",
            )


def keeps_pixels_between_0_and_1(case: Case) -> None:
    """Pixels are finite and stay from 0 to 1.

    >>> from mxdigits.registry import AUGMENTATIONS
    >>> keeps_pixels_between_0_and_1(Case(AUGMENTATIONS, AUGMENTATIONS.entry("affine"), {}))
    """
    for shape in _SHAPES:
        changed = _changed(case, shape, seed=1)
        if not np.isfinite(changed).all():
            raise Broken("pixels that are infinite or not a number", "look for a division by 0")
        low, high = float(changed.min()), float(changed.max())
        if low < -_TOLERANCE or high > 1 + _TOLERANCE:
            raise Broken(f"pixels from {low:.4g} to {high:.4g}", "end with F.clip(x, 0, 1)")


def draws_follow_the_seed(case: Case) -> str:
    """The same seed of MXNet gives the same images, whatever Python's and NumPy's seeds.

    >>> from mxdigits.registry import AUGMENTATIONS
    >>> draws_follow_the_seed(Case(AUGMENTATIONS, AUGMENTATIONS.entry("affine"), {}))
    'another seed gives other images'
    """
    seeds = (1, 1), (1, 2), (2, 2)
    first, again, other = (_changed(case, _SHAPES[0], seed, others) for seed, others in seeds)
    if not np.array_equal(first, again):
        raise Broken(
            f"images that differ by up to {np.abs(first - again).max():.4g}",
            "draw with F.random.uniform_like and its like, not with NumPy or random",
        )
    return "no draws" if np.array_equal(first, other) else "another seed gives other images"


def augmenting_keeps_settings(case: Case) -> None:
    """Building and calling it change no setting of NumPy, MXNet or the process.

    >>> from mxdigits.registry import AUGMENTATIONS
    >>> augmenting_keeps_settings(Case(AUGMENTATIONS, AUGMENTATIONS.entry("affine"), {}))
    """
    expect_settings_kept(case)


AUGMENTING: list[Check] = [
    takes_keyword_options,
    gives_images_of_the_same_shape,
    keeps_pixels_between_0_and_1,
    draws_follow_the_seed,
    augmenting_keeps_settings,
]


def _build(case: Case, shape: tuple[int, int, int]) -> Network:
    return build_augmentation(case.entry.name, case.options, image_shape=shape)


def _changed(case: Case, shape: tuple[int, int, int], seed: int, others: int = 0) -> Floats:
    """Some images after the augmentation, as in a step of training.

    ``others`` seeds Python's and NumPy's generators. What draws from them is drawn only once in a
    training, when the network becomes a graph.
    """
    mx = import_mxnet()
    images = np.random.default_rng(5).random((8, *shape)).astype(np.float32)
    block = _build(case, shape)
    seed_everything(seed)
    random.seed(others)
    np.random.seed(others)
    if isinstance(block, Graph):
        block = graph_block(block)
    with mx.autograd.train_mode():
        changed: Floats = block(mx.nd.array(images)).asnumpy()
    return changed


def graph_block(graph: Graph) -> Network:
    """A graph without parameters as a Gluon block that gives only the changed images.

    >>> from mxdigits.augmentations.noise import noise
    >>> graph_block(noise(amount=0))(import_mxnet().nd.ones((1, 1, 2, 2))).shape
    (1, 1, 2, 2)
    """
    from ..backends.mxnet.networks.symbols import symbol_of  # imports MXNet

    mx = import_mxnet()
    alone = first_alone(graph)
    (name,) = alone.inputs
    return mx.gluon.SymbolBlock(symbol_of(alone), mx.sym.var(name, dtype="float32"))
