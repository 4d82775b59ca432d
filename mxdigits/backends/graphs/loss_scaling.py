"""Loss scaling, which keeps small gradients of float16 from becoming 0.

The loss is multiplied by a scale before the backward pass, and the gradients are divided by it. If
they overflow, the step is left out and the scale halved; after many good steps it is doubled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Union

import numpy as np

from ...arrays import Arrays
from .functions import Array, Functions, Number

# The numbers of PyTorch's GradScaler and others.
_FIRST = 2.0**16
_GOOD_STEPS = 2000
# Without an upper bound, a scale that keeps doubling would overflow float32.
_LARGEST = 2.0**24
# At 1 the scale can cause no overflow, so an overflow is then the network's own.
_SMALLEST = 1.0

Scaling = dict[str, Array]
Counts = Union[Array, bool]  # whether a step counts; an array if the loss is scaled


def begun(precision: str) -> Arrays:
    """The state before the first step, in NumPy; empty if the loss is not scaled.

    Example:
        >>> sorted(begun("float16")), begun("float32")
        (['good_steps', 'scale'], {})
    """
    if precision != "float16":
        return {}
    return {"scale": np.array(_FIRST, np.float32), "good_steps": np.array(0, np.int32)}


def factor(scaling: Scaling, samples: int) -> Number:
    """The factor of a loss summed over ``samples`` samples; the scale is that of the mean loss.

    Example:
        >>> float(factor(begun("float16"), 128)), factor(begun("float32"), 128)
        (512.0, 1.0)
    """
    return scaling["scale"] / samples if scaling else 1.0


def unscaled(gradients: Mapping[str, Array], by: Number, scaling: Scaling) -> dict[str, Array]:
    """Gradients divided by the factor that their loss was multiplied with.

    Example:
        >>> unscaled({"w": np.array([8.0])}, 4.0, begun("float16"))["w"].tolist()
        [2.0]
    """
    return {name: each / by if scaling else each for name, each in gradients.items()}


def after(f: Functions, scaling: Scaling, gradients: Mapping[str, Array]) -> tuple[Scaling, Counts]:
    """The state after a step with these gradients, and whether the step counts.

    Example:
        >>> from mxdigits.backends.xla.functions import FUNCTIONS
        >>> scaling, counts = after(FUNCTIONS, begun("float16"), {"w": np.array([np.inf])})
        >>> float(scaling["scale"]), bool(counts)
        (32768.0, False)
    """
    if not scaling:
        return scaling, True
    finite = f.all(f.stack([f.all(f.isfinite(each)) for each in gradients.values()]))
    scale, good = scaling["scale"], f.where(finite, scaling["good_steps"] + 1, 0)
    grows = good >= _GOOD_STEPS
    moved = f.where(finite, f.where(grows, scale * 2, scale), scale / 2)
    state = {
        "scale": f.clip(moved, _SMALLEST, _LARGEST),
        "good_steps": f.where(grows, 0, good),
    }
    return state, finite | (scale <= _SMALLEST)


def chosen(
    f: Functions, counts: Counts, new: Mapping[str, Array], old: Mapping[str, Array]
) -> dict[str, Array]:
    """The new arrays if a step counts, else the old ones.

    Example:
        >>> from mxdigits.backends.xla.functions import FUNCTIONS
        >>> new, old = {"w": np.ones(1)}, {"w": np.zeros(1)}
        >>> chosen(FUNCTIONS, np.array(False), new, old)["w"].tolist()
        [0.0]
    """
    if counts is True:
        return dict(new)
    return {name: f.where(counts, array, old[name]) for name, array in new.items()}
