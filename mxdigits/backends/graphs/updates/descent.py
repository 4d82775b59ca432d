"""Optimizers that descend along the gradient, with or without momentum."""

from __future__ import annotations

from typing import Optional

from ..functions import Array, Functions
from .base import (
    Options,
    Rule,
    Slots,
    Step,
    clipped,
    clipped_always,
    norm,
    rest,
)


def sgd(options: Options, f: Functions) -> Rule:
    """Stochastic gradient descent, with momentum if the option is above 0.

    Example:
        >>> import jax.numpy as jnp
        >>> from mxdigits.backends.mxnet.names import OPTIMIZERS
        >>> from mxdigits.backends.xla.functions import FUNCTIONS
        >>> rule = sgd(OPTIMIZERS["sgd"], FUNCTIONS)
        >>> step = Step(0.5, 0.5, 0.0, jnp.float32(1), 1)
        >>> slots = dict.fromkeys(rule.slots, jnp.float32(0))
        >>> weight, slots = rule.update(jnp.float32(1), jnp.float32(0.5), slots, step)
        >>> round(float(weight), 3), sorted(slots)
        (0.75, [])
    """
    momentum, clip = options["momentum"], options["clip_gradient"]

    def plain(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        rate = step.learning_rate
        # Without decay, XLA can fuse the subtraction into the matrix product.
        kept = (1 - rate * step.wd) * weight if step.wd else weight
        if clip and clip > 0:
            return kept - rate * clipped(f, step.rescale * gradient, clip), slots
        return f.descended(kept, gradient, rate, step.rescale), slots

    def with_momentum(
        weight: Array, gradient: Array, slots: Slots, step: Step
    ) -> tuple[Array, Slots]:
        velocity = _velocity(f, weight, gradient, slots["momentum"] * momentum, step, clip)
        return weight + velocity, {"momentum": velocity}

    return Rule(with_momentum, ("momentum",)) if momentum > 0 else Rule(plain)


def _velocity(
    f: Functions, weight: Array, gradient: Array, before: Array, step: Step, clip: Optional[float]
) -> Array:
    slope = step.wd * weight + clipped(f, step.rescale * gradient, clip)
    return before - step.learning_rate * slope


def nag(options: Options, f: Functions) -> Rule:
    """Stochastic gradient descent with Nesterov's momentum.

    Example:
        >>> import jax.numpy as jnp
        >>> from mxdigits.backends.mxnet.names import OPTIMIZERS
        >>> from mxdigits.backends.xla.functions import FUNCTIONS
        >>> rule = nag(OPTIMIZERS["nag"], FUNCTIONS)
        >>> step = Step(0.5, 0.5, 0.0, jnp.float32(1), 1)
        >>> slots = dict.fromkeys(rule.slots, jnp.float32(0))
        >>> weight, slots = rule.update(jnp.float32(1), jnp.float32(0.5), slots, step)
        >>> round(float(weight), 3), sorted(slots)
        (0.75, [])
    """
    momentum, clip = options["momentum"], options["clip_gradient"]
    if momentum <= 0:
        return sgd(options, f)

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        before = slots["momentum"] * momentum
        after = weight - before
        after = after + (momentum + 1) * _velocity(f, weight, gradient, before, step, clip)
        # MXNet's kernel decays the momentum by the weight after it has updated the weight.
        return after, {"momentum": _velocity(f, after, gradient, before, step, clip)}

    return Rule(update, ("momentum",))


def signum(options: Options, f: Functions) -> Rule:
    """Signum: steps by the sign of the gradient, or of its momentum.

    Example:
        >>> import jax.numpy as jnp
        >>> from mxdigits.backends.mxnet.names import OPTIMIZERS
        >>> from mxdigits.backends.xla.functions import FUNCTIONS
        >>> rule = signum(OPTIMIZERS["signum"], FUNCTIONS)
        >>> step = Step(0.5, 0.5, 0.0, jnp.float32(1), 1)
        >>> slots = dict.fromkeys(rule.slots, jnp.float32(0))
        >>> weight, slots = rule.update(jnp.float32(1), jnp.float32(0.5), slots, step)
        >>> round(float(weight), 3), sorted(slots)
        (0.5, ['momentum'])
    """
    momentum, clip, decay = (options[name] for name in ("momentum", "clip_gradient", "wd_lh"))

    def plain(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        rate = step.learning_rate
        return (1 - rate * step.wd) * weight - rate * f.sign(gradient), slots

    def with_momentum(
        weight: Array, gradient: Array, slots: Slots, step: Step
    ) -> tuple[Array, Slots]:
        slope = step.wd * weight + clipped(f, step.rescale * gradient, clip)
        velocity = max(momentum, 0) * slots["momentum"] - rest(max(momentum, 0)) * slope
        rate = step.learning_rate
        weight = (1 - rate * decay) * weight + rate * f.sign(velocity)
        return weight, {"momentum": velocity}

    return Rule(with_momentum, ("momentum",)) if momentum else Rule(plain)


def lars(options: Options, f: Functions) -> Rule:
    """LARS: each step's norm is in proportion to the weights' norm.

    Example:
        >>> import jax.numpy as jnp
        >>> from mxdigits.backends.mxnet.names import OPTIMIZERS
        >>> from mxdigits.backends.xla.functions import FUNCTIONS
        >>> rule = lars(OPTIMIZERS["lars"], FUNCTIONS)
        >>> step = Step(0.5, 0.5, 0.0, jnp.float32(1), 1)
        >>> slots = dict.fromkeys(rule.slots, jnp.float32(0)) | dict(rule.shared)
        >>> weight, slots = rule.update(jnp.float32(1), jnp.float32(0.5), slots, step)
        >>> round(float(weight), 3), sorted(slots)
        (0.999, ['last_rate'])
    """
    eta, eps, clip = options["eta"], options["eps"], options["clip_gradient"]
    momentum, corrected = max(options["momentum"], 0), options["momentum_correction"]

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        last = f.where(slots["last_rate"] < 0, step.global_rate, slots["last_rate"])
        after = {"last_rate": step.global_rate}
        long, steep = norm(f, weight), norm(f, gradient) * step.rescale
        trust = eta * long / (steep + step.wd * long + eps)
        trust = f.where((long > 0) & (steep > 0), trust, 1.0)
        step = step._replace(learning_rate=step.learning_rate * trust)
        if not momentum:
            return _velocity(f, weight, gradient, weight, step, clip), after
        change = f.where(last == 0, 1.0, step.global_rate / f.where(last == 0, 1.0, last))
        kept = slots["momentum"] * (momentum * change if corrected else momentum)
        velocity = _velocity(f, weight, gradient, kept, step, clip)
        return weight + velocity, {**after, "momentum": velocity}

    # A rate below 0 means that there is none yet: the first step corrects nothing.
    return Rule(update, ("momentum",) if momentum else (), shared={"last_rate": -1.0})


def dcasgd(options: Options, f: Functions) -> Rule:
    """DCASGD: gradient descent that corrects delayed gradients.

    Example:
        >>> import jax.numpy as jnp
        >>> from mxdigits.backends.mxnet.names import OPTIMIZERS
        >>> from mxdigits.backends.xla.functions import FUNCTIONS
        >>> rule = dcasgd(OPTIMIZERS["dcasgd"], FUNCTIONS)
        >>> step = Step(0.5, 0.5, 0.0, jnp.float32(1), 1)
        >>> slots = {"previous": jnp.float32(1)}
        >>> weight, slots = rule.update(jnp.float32(1), jnp.float32(0.5), slots, step)
        >>> round(float(weight), 3), sorted(slots)
        (0.75, ['previous'])
    """
    clip, compensation = options["clip_gradient"], options["lamda"]

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = clipped_always(f, gradient * step.rescale, clip)
        delayed = compensation * slope * slope * (weight - slots["previous"])
        moved = step.learning_rate * (slope + step.wd * weight + delayed)
        return weight - moved, {"previous": weight}

    return Rule(update, ("previous",), copies=frozenset({"previous"}))
