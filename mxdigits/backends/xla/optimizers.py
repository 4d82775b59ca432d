"""MXNet's optimizers as pure functions: weights, gradients and state in, weights and state out.

The formulas are MXNet's own: optax applies decay, clipping and epsilon at other places. How each
optimizer changes one array stands in ``updates/``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Optional

import jax
import jax.numpy as jnp
import numpy as np

from ...arrays import Numbers
from ...errors import CheckpointError, UsageError
from ..mxnet.names import OPTIMIZERS
from .types import Array, Arrays, Number
from .updates import RULES, Options, Rule, Step

# Optimizers that this backend does not have, and the nearest that it has.
_INSTEAD = {"groupadagrad": "adagrad", "lbsgd": "lars", "sgld": "sgd"}
_COUNT = "count"


@dataclass(frozen=True)
class Optimizer:
    """How weights change by their gradients; make one by :func:`make_optimizer`.

    ``learning_rate`` is the optimizer's own, for where there is no schedule. ``parameters`` are
    names in the order of the updates, which matters to Nadam and LARS alone: MXNet's keep a number
    that every array changes.

    Example:
        >>> adam = make_optimizer("adam", {"wd": 1e-4}, ["w"])
        >>> weights, gradients = {"w": jnp.ones(3)}, {"w": jnp.ones(3)}
        >>> state = adam.begin(weights)
        >>> weights, state = adam.update(weights, gradients, state, learning_rate=0.001)
        >>> round(float(weights["w"][0]), 4)
        0.999
    """

    name: str
    options: Options
    parameters: tuple[str, ...]
    learning_rate: float
    lr_mult: Mapping[str, float]
    wd_mult: Mapping[str, float]

    @property
    def _rule(self) -> Rule:
        return RULES[self.name](self.options)

    def begin(self, weights: Arrays) -> dict[str, Array]:
        """The state before the first update: arrays by name, to be saved as they are."""
        rule = self._rule
        state = {_COUNT: jnp.zeros((), jnp.int32)}
        state |= {name: jnp.asarray(value, jnp.float32) for name, value in rule.shared.items()}
        for name in self.parameters:
            for slot in rule.slots:
                # DCASGD begins with the weights themselves.
                begin = jnp.array if slot in rule.copies else jnp.zeros_like
                state[f"{slot}.{name}"] = begin(weights[name])
        return state

    def update(
        self,
        weights: Arrays,
        gradients: Arrays,
        state: Arrays,
        *,
        learning_rate: Number,
        rescale: Number = 1.0,
    ) -> tuple[dict[str, Array], dict[str, Array]]:
        """One step.

        Args:
            weights: by name; those that are not among ``parameters`` stay as they are.
            gradients: of ``parameters``, by name.
            state: of :meth:`begin`, or of the step before.
            learning_rate: of this step, before ``lr_mult``.
            rescale: what gradients are multiplied by first, such as one over the size of the
                batch where they are those of a summed loss.

        Returns:
            The new weights and the new state.
        """
        rule = self._rule
        changed, after = dict(weights), dict(state)
        after[_COUNT] = state[_COUNT] + 1
        rate = jnp.asarray(learning_rate, jnp.float32)
        for name in self.parameters:
            step = Step(
                learning_rate=rate * self.lr_mult.get(name, 1.0),
                global_rate=rate,
                wd=self.options["wd"] * self.wd_mult.get(name, 1.0),
                number=after[_COUNT].astype(jnp.float32),
                rescale=rescale,
            )
            names = {slot: f"{slot}.{name}" for slot in rule.slots}
            names |= {slot: slot for slot in rule.shared}
            slots = {slot: after[place] for slot, place in names.items()}
            changed[name], slots = rule.update(changed[name], gradients[name], slots, step)
            after.update({names[slot]: array for slot, array in slots.items()})
        return changed, after

    def restore(self, arrays: Mapping[str, Numbers], weights: Arrays) -> dict[str, Array]:
        """The state of arrays that were saved.

        Raises:
            CheckpointError: if they are the state of another optimizer or network.
        """
        fresh = jax.eval_shape(self.begin, dict(weights))
        shapes = {name: (tuple(each.shape), np.dtype(each.dtype)) for name, each in fresh.items()}
        given = {name: (each.shape, each.dtype) for name, each in arrays.items()}
        if given != shapes:
            raise CheckpointError(f"the state is not that of the optimizer {self.name} here")
        return {name: jnp.asarray(array) for name, array in arrays.items()}


def make_optimizer(
    name: str,
    options: Options,
    parameters: Sequence[str],
    *,
    lr_mult: Optional[Mapping[str, float]] = None,
    wd_mult: Optional[Mapping[str, float]] = None,
) -> Optimizer:
    """An optimizer by MXNet's name.

    Args:
        name: such as ``sgd``, in any case.
        options: those that MXNet's takes; the others have MXNet's defaults.
        parameters: the names of what is trained, in the order of the updates.
        lr_mult: what the learning rate is multiplied by, by parameter; 1 by default.
        wd_mult: the same for ``wd``; 1 by default for biases too, as Gluon has it.

    Raises:
        UsageError: for an unknown name or option, and for what this backend does not have.

    Example:
        >>> make_optimizer("SGD", {"momentum": 0.9}, ["w"]).learning_rate
        0.01
    """
    name = name.lower()
    unsupported = unsupported_optimizer(name, options)
    if unsupported:
        raise UsageError(unsupported)
    own = {**OPTIMIZERS[name], **options}
    rate = own.pop("learning_rate")
    return Optimizer(name, own, tuple(parameters), rate, dict(lr_mult or {}), dict(wd_mult or {}))


def unsupported_optimizer(name: str, options: Options) -> Optional[str]:
    """Why this backend does not have an optimizer, with what to take instead; None if it has it.

    Example:
        >>> unsupported_optimizer("sgld", {})
        'the backend xla has no optimizer sgld; take sgd, or backend: mxnet'
    """
    name = name.lower()
    if name in _INSTEAD:
        return f"the backend xla has no optimizer {name}; take {_INSTEAD[name]}, or backend: mxnet"
    if name not in RULES:
        return f"no optimizer is called {name!r}; there are {', '.join(sorted(RULES))}"
    unknown = sorted(options.keys() - OPTIMIZERS[name].keys())
    if unknown:
        return f"the optimizer {name} has no option {unknown[0]!r}"
    if name == "dcasgd" and options.get("momentum"):
        return "the optimizer dcasgd has no momentum: with it MXNet's own fails; take sgd"
    return None


def clip_global_norm(gradients: Arrays, longest: Number) -> dict[str, Array]:
    """Gradients scaled down so that together they are no longer than ``longest``, in L2 norm.

    Example:
        >>> clip_global_norm({"w": jnp.array([3.0, 4.0])}, 10.0)["w"].tolist()
        [3.0, 4.0]
    """
    squares = sum(jnp.sum(jnp.square(each)) for each in gradients.values())
    # The small number is that of gluon.utils.clip_global_norm.
    scale = jnp.minimum(longest / (jnp.sqrt(squares) + 1e-8), 1)
    return {name: gradient * scale for name, gradient in gradients.items()}
