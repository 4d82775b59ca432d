"""Loss scaling: with it the small gradients of float16 do not vanish.

The loss is multiplied by a number before its gradients are computed, and these are divided by it.
Where they overflow, the step is left out and the number halved; many good steps double it.
"""

from __future__ import annotations

from typing import TypeVar, Union

import jax
import jax.numpy as jnp
import numpy as np

from .types import Array, Arrays, Number

# The numbers are those of PyTorch's GradScaler and others.
_FIRST = 2.0**16
_GOOD_STEPS = 2000
# The number must not outgrow float32, as it would in time where gradients stay 0. At 1 nothing is
# scaled, so an overflow then comes from the network itself.
_LARGEST, _SMALLEST = 2.0**24, 1.0

Scaling = dict[str, Array]
_Tree = TypeVar("_Tree")


def begun(precision: str) -> Scaling:
    """The state before the first step; empty where nothing is scaled.

    Example:
        >>> sorted(begun("float16")), begun("float32")
        (['good_steps', 'scale'], {})
    """
    if precision != "float16":
        return {}
    return {"scale": jnp.float32(_FIRST), "good_steps": jnp.int32(0)}


def factor(scaling: Scaling, samples: int) -> Number:
    """The factor for the summed loss of so many samples; the scale is one for their mean.

    Example:
        >>> float(factor(begun("float16"), 128)), factor(begun("float32"), 128)
        (512.0, 1.0)
    """
    return scaling["scale"] / samples if scaling else 1.0


def unscaled(gradients: Arrays, by: Number, scaling: Scaling) -> dict[str, Array]:
    """The gradients of a loss, from those of the loss times a factor.

    Example:
        >>> unscaled({"w": jnp.array([8.0])}, 4.0, begun("float16"))["w"].tolist()
        [2.0]
    """
    return {name: each / by if scaling else each for name, each in gradients.items()}


def after(scaling: Scaling, gradients: Arrays) -> tuple[Scaling, Union[Array, bool]]:
    """The state after a step with these gradients, and whether the step counts.

    Example:
        >>> scaling, counts = after(begun("float16"), {"w": jnp.array([jnp.inf])})
        >>> float(scaling["scale"]), bool(counts)
        (32768.0, False)
    """
    if not scaling:
        return scaling, True
    finite = jnp.all(jnp.stack([jnp.isfinite(each).all() for each in gradients.values()]))
    scale, good = scaling["scale"], jnp.where(finite, scaling["good_steps"] + 1, 0)
    grows = good >= _GOOD_STEPS
    moved = jnp.where(finite, jnp.where(grows, scale * 2, scale), scale / 2)
    state = {
        "scale": jnp.clip(moved, np.float32(_SMALLEST), np.float32(_LARGEST)),
        "good_steps": jnp.where(grows, 0, good),
    }
    return state, finite | (scale <= _SMALLEST)


def chosen(counts: Union[Array, bool], new: _Tree, old: _Tree) -> _Tree:
    """The new arrays where a step counts, else the old ones.

    Example:
        >>> chosen(jnp.array(False), {"w": jnp.ones(1)}, {"w": jnp.zeros(1)})["w"].tolist()
        [0.0]
    """
    if counts is True:
        return new
    return jax.tree_util.tree_map(lambda a, b: jnp.where(counts, a, b), new, old)
