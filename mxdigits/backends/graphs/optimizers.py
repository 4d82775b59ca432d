"""MXNet's optimizers as pure functions: weights, gradients and state in, weights and state out.

The formulas are MXNet's own, because optax applies decay, clipping and epsilon at other places.
``updates/`` has each optimizer's update of one array.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Optional

import numpy as np

from ...arrays import AnyArray
from ...errors import CheckpointError, UsageError
from ..mxnet.names import DCASGD_MOMENTUM, OPTIMIZERS
from .functions import Array, Functions, Number
from .updates import RULES, Options, Rule, Step

Arrays = Mapping[str, Array]

# MXNet's optimizers that are not here, and the nearest alternative to each.
_INSTEAD = {"groupadagrad": "adagrad", "lbsgd": "lars", "sgld": "sgd"}
_COUNT = "count"


class _Planned(NamedTuple):
    """What the updates of one parameter need to know, the same at each step."""

    name: str
    factor: float  # of the learning rate
    wd: float
    slots: dict[str, str]  # the names of its slots in the optimizer's state


@dataclass(frozen=True)
class Optimizer:
    """Updates weights by their gradients; made by :func:`make_optimizer`.

    ``learning_rate`` is the optimizer's own, used without a schedule. ``parameters`` are names in
    the order of the updates. The order matters only to Nadam and LARS, which keep a number that
    each array's update changes.

    Example:
        >>> from mxdigits.backends.xla.functions import FUNCTIONS
        >>> adam = make_optimizer("adam", {"wd": 1e-4}, ["w"], FUNCTIONS, backend="xla")
        >>> weights = gradients = {"w": np.ones(3, np.float32)}
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
    functions: Functions

    @cached_property
    def _rule(self) -> Rule:
        return RULES[self.name](self.options, self.functions)

    @cached_property
    def _plan(self) -> tuple[_Planned, ...]:
        return tuple(map(self._planned, self.parameters))

    def _planned(self, name: str) -> _Planned:
        slots = {slot: f"{slot}.{name}" for slot in self._rule.slots}
        slots |= {slot: slot for slot in self._rule.shared}
        wd = self.options["wd"] * self.wd_mult.get(name, 1.0)
        return _Planned(name, self.lr_mult.get(name, 1.0), wd, slots)

    def begin(self, weights: Arrays) -> dict[str, Array]:
        """The state before the first update: arrays by name, which can be saved as they are."""
        rule, f = self._rule, self.functions
        state = {_COUNT: f.int32(0)}
        state |= {name: f.float32(value) for name, value in rule.shared.items()}
        for name in self.parameters:
            for slot in rule.slots:
                # DCASGD begins with the weights themselves.
                begin = f.copy if slot in rule.copies else f.zeros_like
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
        """One step of all parameters.

        Args:
            weights: the weights by name; those not among ``parameters`` stay unchanged.
            gradients: the gradients of ``parameters``, by name.
            state: the state from :meth:`begin`, or from the step before.
            learning_rate: the learning rate of this step, before ``lr_mult``.
            rescale: a factor to multiply gradients with first, such as one over the batch's size if
                the loss is a sum.

        Returns:
            The new weights and the new state.
        """
        update = self._rule.update
        changed, after = dict(weights), dict(state)
        after[_COUNT] = state[_COUNT] + 1
        rate = self.functions.float32(learning_rate)
        number = self.functions.float32(after[_COUNT])
        for name, factor, wd, names in self._plan:
            own = rate if factor == 1 else rate * factor
            slots = {slot: after[place] for slot, place in names.items()}
            step = Step(own, rate, wd, number, rescale)
            changed[name], slots = update(changed[name], gradients[name], slots, step)
            for slot, array in slots.items():
                after[names[slot]] = array
        return changed, after

    def check_state(self, arrays: Mapping[str, AnyArray], weights: Arrays) -> None:
        """Check that saved arrays are a state of this optimizer for such weights.

        Raises:
            CheckpointError: if the arrays are the state of another optimizer or network.
        """
        rule = self._rule
        single = np.dtype(np.float32)
        expected = {_COUNT: ((), np.dtype(np.int32)), **dict.fromkeys(rule.shared, ((), single))}
        for name in self.parameters:
            shape = tuple(weights[name].shape)
            expected.update({f"{slot}.{name}": (shape, single) for slot in rule.slots})
        if {name: (each.shape, each.dtype) for name, each in arrays.items()} != expected:
            raise CheckpointError(f"the state is not that of the optimizer {self.name} here")


def make_optimizer(
    name: str,
    options: Options,
    parameters: Sequence[str],
    functions: Functions,
    *,
    backend: str,
    lr_mult: Optional[Mapping[str, float]] = None,
    wd_mult: Optional[Mapping[str, float]] = None,
) -> Optimizer:
    """Make an optimizer by its name in MXNet.

    Args:
        name: such as ``sgd``, in any case.
        options: MXNet's options; those left out have MXNet's defaults.
        parameters: the names of the trained parameters, in the order of the updates.
        functions: the functions of the library whose arrays are updated.
        backend: the backend's name, for messages.
        lr_mult: factors of the learning rate by parameter; 1 by default.
        wd_mult: factors of ``wd`` by parameter; 1 by default, also for biases, as in Gluon.

    Raises:
        UsageError: for an unknown name or option, or an optimizer that the backend does not have.

    Example:
        >>> from mxdigits.backends.xla.functions import FUNCTIONS
        >>> make_optimizer("SGD", {"momentum": 0.9}, ["w"], FUNCTIONS, backend="xla").learning_rate
        0.01
    """
    name = name.lower()
    unsupported = unsupported_optimizer(name, options, backend)
    if unsupported:
        raise UsageError(unsupported)
    own = {**OPTIMIZERS[name], **options}
    rate = own.pop("learning_rate")
    multipliers = dict(lr_mult or {}), dict(wd_mult or {})
    return Optimizer(name, own, tuple(parameters), rate, *multipliers, functions)


def unsupported_optimizer(name: str, options: Options, backend: str) -> Optional[str]:
    """Why a backend does not have an optimizer, and what to use instead; None if it has it.

    Example:
        >>> unsupported_optimizer("sgld", {}, "xla")
        'the backend xla has no optimizer sgld; take sgd, or backend: mxnet'
    """
    name = name.lower()
    if name in _INSTEAD:
        instead = f"take {_INSTEAD[name]}, or backend: mxnet"
        return f"the backend {backend} has no optimizer {name}; {instead}"
    if name not in RULES:
        return f"no optimizer is called {name!r}; there are {', '.join(sorted(RULES))}"
    unknown = sorted(options.keys() - OPTIMIZERS[name].keys())
    if unknown:
        return f"the optimizer {name} has no option {unknown[0]!r}"
    if name == "dcasgd" and options.get("momentum"):
        return DCASGD_MOMENTUM
    return None


def clip_global_norm(f: Functions, gradients: Arrays, longest: Number) -> dict[str, Array]:
    """Gradients scaled down so that their common L2 norm is at most ``longest``.

    Example:
        >>> from mxdigits.backends.xla.functions import FUNCTIONS
        >>> clip_global_norm(FUNCTIONS, {"w": np.array([3.0, 4.0])}, 10.0)["w"].tolist()
        [3.0, 4.0]
    """
    squares = sum(f.sum(f.square(each)) for each in gradients.values())
    # The small number is the one in gluon.utils.clip_global_norm.
    scale = f.minimum(longest / (f.sqrt(squares) + 1e-8), 1)
    return {name: gradient * scale for name, gradient in gradients.items()}
