"""How each of MXNet's optimizers changes one array.

MXNet has some of them as kernels in float32 and some as Python in float64. Where a small difference
such as ``1 - beta2`` is taken in float32 there, it is here: it would differ by 1e-5 of itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Callable, NamedTuple, Optional

import jax.numpy as jnp
import numpy as np

from .operators.types import Array

Slots = dict[str, Array]
Options = Mapping[str, Any]


class Step(NamedTuple):
    """What an update is told: ``learning_rate`` and ``wd`` are those of the array.

    ``count`` is 1 at the first step; ``global_rate`` is the learning rate of all arrays.
    """

    learning_rate: Array
    global_rate: Array
    wd: float
    count: Array
    rescale: Any


Update = Callable[[Array, Array, Slots, Step], "tuple[Array, Slots]"]


@dataclass(frozen=True)
class Rule:
    """An update, the ``slots`` that it keeps for each array, and what it keeps for all.

    ``copies`` are the slots that begin as the weights; the others begin as zeros. What is
    ``shared`` goes from array to array, and begins as the number given.
    """

    update: Update
    slots: tuple[str, ...] = ()
    copies: frozenset[str] = frozenset()
    shared: Mapping[str, float] = field(default_factory=dict)


def _rest(decay: float) -> float:
    """One less a decay, in float32."""
    return float(np.float32(1) - np.float32(decay))


def _left(decay: float, count: Array) -> Array:
    """One less a power of a decay, without the rounding of a difference."""
    return -jnp.expm1(count * math.log(decay)) if decay > 0 else jnp.ones_like(count)


def _left_rounded(decay: float, count: Array) -> Array:
    """One less a power of a decay, as float32 has the difference."""
    return 1 - jnp.power(jnp.float32(decay), count)


def _clipped(gradient: Array, bound: Optional[float]) -> Array:
    """As MXNet's kernels have it: no bound for 0 and below."""
    return jnp.clip(gradient, -bound, bound) if bound and bound > 0 else gradient


def _clipped_always(gradient: Array, bound: Optional[float]) -> Array:
    """As MXNet's optimizers in Python have it: 0 is a bound."""
    return gradient if bound is None else jnp.clip(gradient, -bound, bound)


def sgd(options: Options) -> Rule:
    momentum, clip = options["momentum"], options["clip_gradient"]

    def plain(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        rate = step.learning_rate
        moved = rate * _clipped(step.rescale * gradient, clip)
        return (1 - rate * step.wd) * weight - moved, slots

    def with_momentum(
        weight: Array, gradient: Array, slots: Slots, step: Step
    ) -> tuple[Array, Slots]:
        velocity = _velocity(weight, gradient, slots["momentum"] * momentum, step, clip)
        return weight + velocity, {"momentum": velocity}

    return Rule(with_momentum, ("momentum",)) if momentum > 0 else Rule(plain)


def _velocity(
    weight: Array, gradient: Array, before: Array, step: Step, clip: Optional[float]
) -> Array:
    slope = step.wd * weight + _clipped(step.rescale * gradient, clip)
    return before - step.learning_rate * slope


def nag(options: Options) -> Rule:
    momentum, clip = options["momentum"], options["clip_gradient"]
    if momentum <= 0:
        return sgd(options)

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        before = slots["momentum"] * momentum
        after = weight - before
        after = after + (momentum + 1) * _velocity(weight, gradient, before, step, clip)
        # MXNet's kernel has written the weight when it decays the momentum by it.
        return after, {"momentum": _velocity(after, gradient, before, step, clip)}

    return Rule(update, ("momentum",))


def signum(options: Options) -> Rule:
    momentum, clip, decay = (options[name] for name in ("momentum", "clip_gradient", "wd_lh"))

    def plain(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        rate = step.learning_rate
        return (1 - rate * step.wd) * weight - rate * jnp.sign(gradient), slots

    def with_momentum(
        weight: Array, gradient: Array, slots: Slots, step: Step
    ) -> tuple[Array, Slots]:
        slope = step.wd * weight + _clipped(step.rescale * gradient, clip)
        velocity = max(momentum, 0) * slots["momentum"] - _rest(max(momentum, 0)) * slope
        rate = step.learning_rate
        weight = (1 - rate * decay) * weight + rate * jnp.sign(velocity)
        return weight, {"momentum": velocity}

    return Rule(with_momentum, ("momentum",)) if momentum else Rule(plain)


def lars(options: Options) -> Rule:
    eta, eps, clip = options["eta"], options["eps"], options["clip_gradient"]
    momentum, corrected = max(options["momentum"], 0), options["momentum_correction"]

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        last = jnp.where(slots["last_rate"] < 0, step.global_rate, slots["last_rate"])
        after = {"last_rate": step.global_rate}
        long, steep = _norm(weight), _norm(gradient) * step.rescale
        trust = eta * long / (steep + step.wd * long + eps)
        trust = jnp.where((long > 0) & (steep > 0), trust, 1.0)
        step = step._replace(learning_rate=step.learning_rate * trust)
        if not momentum:
            return _velocity(weight, gradient, weight, step, clip), after
        change = jnp.where(last == 0, 1.0, step.global_rate / jnp.where(last == 0, 1.0, last))
        kept = slots["momentum"] * (momentum * change if corrected else momentum)
        velocity = _velocity(weight, gradient, kept, step, clip)
        return weight + velocity, {**after, "momentum": velocity}

    # A rate below zero stands for none: the first step corrects nothing.
    return Rule(update, ("momentum",) if momentum else (), shared={"last_rate": -1.0})


def _norm(array: Array) -> Array:
    return jnp.sqrt(jnp.sum(jnp.square(array)))


def dcasgd(options: Options) -> Rule:
    clip, compensation = options["clip_gradient"], options["lamda"]

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = _clipped_always(gradient * step.rescale, clip)
        delayed = compensation * slope * slope * (weight - slots["previous"])
        moved = step.learning_rate * (slope + step.wd * weight + delayed)
        return weight - moved, {"previous": weight}

    return Rule(update, ("previous",), copies=frozenset({"previous"}))


def adam(options: Options) -> Rule:
    beta1, beta2 = options["beta1"], options["beta2"]

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = gradient * step.rescale + weight * step.wd
        slope = _clipped(slope, options["clip_gradient"])
        slots = _moments(slope, slots, beta1, beta2)
        corrections = jnp.sqrt(_left(beta2, step.count)) / _left(beta1, step.count)
        rate = step.learning_rate * corrections
        divisor = jnp.sqrt(slots["variance"]) + options["epsilon"]
        return weight - rate * slots["mean"] / divisor, slots

    return Rule(update, ("mean", "variance"))


def _moments(slope: Array, slots: Slots, beta1: float, beta2: float) -> Slots:
    """The mean and the mean square of gradients, moved as MXNet's kernels do."""
    mean = beta1 * slots["mean"] + _rest(beta1) * slope
    variance = beta2 * slots["variance"] + _rest(beta2) * slope * slope
    return {"mean": mean, "variance": variance}


def lamb(options: Options) -> Rule:
    beta1, beta2, epsilon = (options[name] for name in ("beta1", "beta2", "epsilon"))
    lower, upper = options["lower_bound"], options["upper_bound"]

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = _clipped(gradient * step.rescale, options["clip_gradient"])
        slots = _moments(slope, slots, beta1, beta2)
        mean, variance = slots["mean"], slots["variance"]
        if options["bias_correction"]:
            mean = mean / _left_rounded(beta1, step.count)
            variance = variance / _left_rounded(beta2, step.count)
        direction = mean / (jnp.sqrt(variance) + epsilon) + step.wd * weight
        long, steep = _norm(weight), _norm(direction)
        if lower and lower > 0:
            long = jnp.maximum(long, lower)
        if upper and upper > 0:
            long = jnp.minimum(long, upper)
        none = (long == 0) | (steep == 0)
        trust = jnp.where(none, 1.0, long / jnp.where(none, 1.0, steep))
        return weight - step.learning_rate * trust * direction, slots

    return Rule(update, ("mean", "variance"))


def adamax(options: Options) -> Rule:
    beta1, beta2 = options["beta1"], options["beta2"]

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = gradient * step.rescale + step.wd * weight
        slope = _clipped_always(slope, options["clip_gradient"])
        mean = beta1 * slots["mean"] + (1 - beta1) * slope
        largest = jnp.maximum(beta2 * slots["largest"], jnp.abs(slope))
        # Where no gradient ever was, MXNet's makes NaN of 0 / 0; the weight stays here.
        share = mean / jnp.where(largest == 0, 1.0, largest)
        rate = step.learning_rate / _left(beta1, step.count)
        return weight - rate * share, {"mean": mean, "largest": largest}

    return Rule(update, ("mean", "largest"))


def nadam(options: Options) -> Rule:
    beta1, beta2 = options["beta1"], options["beta2"]

    def warmed(count: Array) -> Array:
        return beta1 * (1 - 0.5 * jnp.power(0.96, count * options["schedule_decay"]))

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = gradient * step.rescale + step.wd * weight
        slope = _clipped_always(slope, options["clip_gradient"])
        now, following = warmed(step.count), warmed(step.count + 1)
        schedule = slots["schedule"] * now
        mean = beta1 * slots["mean"] + (1 - beta1) * slope
        variance = beta2 * slots["variance"] + (1 - beta2) * slope * slope
        direction = (1 - now) * slope / (1 - schedule)
        direction = direction + following * mean / (1 - schedule * following)
        divisor = jnp.sqrt(variance / _left(beta2, step.count)) + options["epsilon"]
        weight = weight - step.learning_rate * direction / divisor
        return weight, {"mean": mean, "variance": variance, "schedule": schedule}

    return Rule(update, ("mean", "variance"), shared={"schedule": 1.0})


def rmsprop(options: Options) -> Rule:
    decay, epsilon, bound = (options[name] for name in ("gamma1", "epsilon", "clip_weights"))

    def plain(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = _slope(weight, gradient, step)
        squares = _rest(decay) * slope * slope + decay * slots["squares"]
        weight = weight - step.learning_rate * slope / jnp.sqrt(squares + epsilon)
        return _clipped(weight, bound), {"squares": squares}

    def centred(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = _slope(weight, gradient, step)
        squares = _rest(decay) * slope * slope + decay * slots["squares"]
        mean = _rest(decay) * slope + decay * slots["mean"]
        divisor = jnp.sqrt(squares - mean * mean + epsilon)
        change = options["gamma2"] * slots["change"] - step.learning_rate * slope / divisor
        slots = {"squares": squares, "mean": mean, "change": change}
        return _clipped(weight + change, bound), slots

    def _slope(weight: Array, gradient: Array, step: Step) -> Array:
        slope = step.rescale * gradient + step.wd * weight
        return _clipped(slope, options["clip_gradient"])

    if options["centered"]:
        return Rule(centred, ("squares", "mean", "change"))
    return Rule(plain, ("squares",))


def adagrad(options: Options) -> Rule:
    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = _clipped_always(gradient * step.rescale, options["clip_gradient"])
        squares = slots["squares"] + slope * slope
        direction = slope / jnp.sqrt(squares + options["eps"]) + weight * step.wd
        return weight - step.learning_rate * direction, {"squares": squares}

    return Rule(update, ("squares",))


def adadelta(options: Options) -> Rule:
    decay, epsilon = options["rho"], options["epsilon"]

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = _clipped_always(gradient * step.rescale, options["clip_gradient"])
        squares = decay * slots["squares"] + (1 - decay) * slope * slope
        change = jnp.sqrt(slots["changes"] + epsilon) / jnp.sqrt(squares + epsilon) * slope
        changes = decay * slots["changes"] + (1 - decay) * change * change
        # It has no learning rate.
        return weight - (change + step.wd * weight), {"squares": squares, "changes": changes}

    return Rule(update, ("squares", "changes"))


def ftrl(options: Options) -> Rule:
    bound, beta = options["lamda1"], options["beta"]

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        rate = step.learning_rate
        slope = _clipped(gradient * step.rescale, options["clip_gradient"])
        squares = slots["squares"] + slope * slope
        sigma = (jnp.sqrt(squares) - jnp.sqrt(slots["squares"])) / rate
        total = slots["total"] + slope - sigma * weight
        weight = (jnp.sign(total) * bound - total) / ((beta + jnp.sqrt(squares)) / rate + step.wd)
        weight = jnp.where(jnp.abs(total) > bound, weight, 0.0)
        return weight, {"total": total, "squares": squares}

    return Rule(update, ("total", "squares"))


def ftml(options: Options) -> Rule:
    beta1, beta2 = options["beta1"], options["beta2"]

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = step.rescale * gradient + step.wd * weight
        slope = _clipped(slope, options["clip_gradient"])
        variance = beta2 * slots["variance"] + _rest(beta2) * slope * slope
        scale = jnp.sqrt(variance / _left_rounded(beta2, step.count)) + options["epsilon"]
        divisor = _left_rounded(beta1, step.count) / step.learning_rate * scale
        kept = (divisor - beta1 * slots["divisor"]) * weight
        total = beta1 * slots["total"] + _rest(beta1) * slope - kept
        return -total / divisor, {"divisor": divisor, "variance": variance, "total": total}

    return Rule(update, ("divisor", "variance", "total"))


RULES: Mapping[str, Callable[[Options], Rule]] = {
    "adadelta": adadelta,
    "adagrad": adagrad,
    "adam": adam,
    "adamax": adamax,
    "ccsgd": sgd,
    "dcasgd": dcasgd,
    "ftml": ftml,
    "ftrl": ftrl,
    "lamb": lamb,
    "lars": lars,
    "nadam": nadam,
    "nag": nag,
    "rmsprop": rmsprop,
    "sgd": sgd,
    "signum": signum,
}
