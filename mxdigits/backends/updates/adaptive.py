"""Optimizers that scale each element by the gradients that it had."""

from __future__ import annotations

from ..functions import Array, Functions
from .base import (
    Options,
    Rule,
    Slots,
    Step,
    clipped,
    clipped_always,
    left,
    left_rounded,
    norm,
    rest,
)


def adam(options: Options, f: Functions) -> Rule:
    beta1, beta2 = options["beta1"], options["beta2"]

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = gradient * step.rescale + weight * step.wd
        slope = clipped(f, slope, options["clip_gradient"])
        slots = _moments(slope, slots, beta1, beta2)
        corrections = f.sqrt(left(f, beta2, step.count)) / left(f, beta1, step.count)
        rate = step.learning_rate * corrections
        divisor = f.sqrt(slots["variance"]) + options["epsilon"]
        return weight - rate * slots["mean"] / divisor, slots

    return Rule(update, ("mean", "variance"))


def _moments(slope: Array, slots: Slots, beta1: float, beta2: float) -> Slots:
    """The mean and the mean square of gradients, moved as MXNet's kernels do."""
    mean = beta1 * slots["mean"] + rest(beta1) * slope
    variance = beta2 * slots["variance"] + rest(beta2) * slope * slope
    return {"mean": mean, "variance": variance}


def lamb(options: Options, f: Functions) -> Rule:
    beta1, beta2, epsilon = (options[name] for name in ("beta1", "beta2", "epsilon"))
    lower, upper = options["lower_bound"], options["upper_bound"]

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = clipped(f, gradient * step.rescale, options["clip_gradient"])
        slots = _moments(slope, slots, beta1, beta2)
        mean, variance = slots["mean"], slots["variance"]
        if options["bias_correction"]:
            mean = mean / left_rounded(f, beta1, step.count)
            variance = variance / left_rounded(f, beta2, step.count)
        direction = mean / (f.sqrt(variance) + epsilon) + step.wd * weight
        long, steep = norm(f, weight), norm(f, direction)
        if lower and lower > 0:
            long = f.maximum(long, lower)
        if upper and upper > 0:
            long = f.minimum(long, upper)
        none = (long == 0) | (steep == 0)
        trust = f.where(none, 1.0, long / f.where(none, 1.0, steep))
        return weight - step.learning_rate * trust * direction, slots

    return Rule(update, ("mean", "variance"))


def adamax(options: Options, f: Functions) -> Rule:
    beta1, beta2 = options["beta1"], options["beta2"]

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = gradient * step.rescale + step.wd * weight
        slope = clipped_always(f, slope, options["clip_gradient"])
        mean = beta1 * slots["mean"] + (1 - beta1) * slope
        largest = f.maximum(beta2 * slots["largest"], f.abs(slope))
        # Where no gradient ever was, MXNet's makes NaN of 0 / 0; the weight stays here.
        share = mean / f.where(largest == 0, 1.0, largest)
        rate = step.learning_rate / left(f, beta1, step.count)
        return weight - rate * share, {"mean": mean, "largest": largest}

    return Rule(update, ("mean", "largest"))


def nadam(options: Options, f: Functions) -> Rule:
    beta1, beta2 = options["beta1"], options["beta2"]

    def warmed(count: Array) -> Array:
        return beta1 * (1 - 0.5 * f.power(0.96, count * options["schedule_decay"]))

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = gradient * step.rescale + step.wd * weight
        slope = clipped_always(f, slope, options["clip_gradient"])
        now, following = warmed(step.count), warmed(step.count + 1)
        schedule = slots["schedule"] * now
        mean = beta1 * slots["mean"] + (1 - beta1) * slope
        variance = beta2 * slots["variance"] + (1 - beta2) * slope * slope
        direction = (1 - now) * slope / (1 - schedule)
        direction = direction + following * mean / (1 - schedule * following)
        divisor = f.sqrt(variance / left(f, beta2, step.count)) + options["epsilon"]
        weight = weight - step.learning_rate * direction / divisor
        return weight, {"mean": mean, "variance": variance, "schedule": schedule}

    return Rule(update, ("mean", "variance"), shared={"schedule": 1.0})


def rmsprop(options: Options, f: Functions) -> Rule:
    decay, epsilon, bound = (options[name] for name in ("gamma1", "epsilon", "clip_weights"))

    def plain(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = _slope(weight, gradient, step)
        squares = rest(decay) * slope * slope + decay * slots["squares"]
        weight = weight - step.learning_rate * slope / f.sqrt(squares + epsilon)
        return clipped(f, weight, bound), {"squares": squares}

    def centred(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = _slope(weight, gradient, step)
        squares = rest(decay) * slope * slope + decay * slots["squares"]
        mean = rest(decay) * slope + decay * slots["mean"]
        divisor = f.sqrt(squares - mean * mean + epsilon)
        change = options["gamma2"] * slots["change"] - step.learning_rate * slope / divisor
        slots = {"squares": squares, "mean": mean, "change": change}
        return clipped(f, weight + change, bound), slots

    def _slope(weight: Array, gradient: Array, step: Step) -> Array:
        slope = step.rescale * gradient + step.wd * weight
        return clipped(f, slope, options["clip_gradient"])

    if options["centered"]:
        return Rule(centred, ("squares", "mean", "change"))
    return Rule(plain, ("squares",))


def adagrad(options: Options, f: Functions) -> Rule:
    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = clipped_always(f, gradient * step.rescale, options["clip_gradient"])
        squares = slots["squares"] + slope * slope
        direction = slope / f.sqrt(squares + options["eps"]) + weight * step.wd
        return weight - step.learning_rate * direction, {"squares": squares}

    return Rule(update, ("squares",))


def adadelta(options: Options, f: Functions) -> Rule:
    decay, epsilon = options["rho"], options["epsilon"]

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = clipped_always(f, gradient * step.rescale, options["clip_gradient"])
        squares = decay * slots["squares"] + (1 - decay) * slope * slope
        change = f.sqrt(slots["changes"] + epsilon) / f.sqrt(squares + epsilon) * slope
        changes = decay * slots["changes"] + (1 - decay) * change * change
        # It has no learning rate.
        return weight - (change + step.wd * weight), {"squares": squares, "changes": changes}

    return Rule(update, ("squares", "changes"))


def ftrl(options: Options, f: Functions) -> Rule:
    bound, beta = options["lamda1"], options["beta"]

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        rate = step.learning_rate
        slope = clipped(f, gradient * step.rescale, options["clip_gradient"])
        squares = slots["squares"] + slope * slope
        sigma = (f.sqrt(squares) - f.sqrt(slots["squares"])) / rate
        total = slots["total"] + slope - sigma * weight
        weight = (f.sign(total) * bound - total) / ((beta + f.sqrt(squares)) / rate + step.wd)
        weight = f.where(f.abs(total) > bound, weight, 0.0)
        return weight, {"total": total, "squares": squares}

    return Rule(update, ("total", "squares"))


def ftml(options: Options, f: Functions) -> Rule:
    beta1, beta2 = options["beta1"], options["beta2"]

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = step.rescale * gradient + step.wd * weight
        slope = clipped(f, slope, options["clip_gradient"])
        variance = beta2 * slots["variance"] + rest(beta2) * slope * slope
        scale = f.sqrt(variance / left_rounded(f, beta2, step.count)) + options["epsilon"]
        divisor = left_rounded(f, beta1, step.count) / step.learning_rate * scale
        kept = (divisor - beta1 * slots["divisor"]) * weight
        total = beta1 * slots["total"] + rest(beta1) * slope - kept
        return -total / divisor, {"divisor": divisor, "variance": variance, "total": total}

    return Rule(update, ("divisor", "variance", "total"))
