"""Optimizers that scale each element by its earlier gradients."""

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
    """Adam: steps by the mean gradient, divided by the root of the mean squared gradient.

    Example:
        >>> import jax.numpy as jnp
        >>> from mxdigits.backends.mxnet.names import OPTIMIZERS
        >>> from mxdigits.backends.xla.functions import FUNCTIONS
        >>> rule = adam(OPTIMIZERS["adam"], FUNCTIONS)
        >>> step = Step(0.5, 0.5, 0.0, jnp.float32(1), 1)
        >>> slots = dict.fromkeys(rule.slots, jnp.float32(0))
        >>> weight, slots = rule.update(jnp.float32(1), jnp.float32(0.5), slots, step)
        >>> round(float(weight), 3), sorted(slots)
        (0.5, ['mean', 'variance'])
    """
    beta1, beta2 = options["beta1"], options["beta2"]

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = gradient * step.rescale + weight * step.wd
        slope = clipped(f, slope, options["clip_gradient"])
        slots = _moments(slope, slots, beta1, beta2)
        corrections = f.sqrt(left(f, beta2, step.number)) / left(f, beta1, step.number)
        rate = step.learning_rate * corrections
        divisor = f.sqrt(slots["variance"]) + options["epsilon"]
        return weight - rate * slots["mean"] / divisor, slots

    return Rule(update, ("mean", "variance"))


def _moments(slope: Array, slots: Slots, beta1: float, beta2: float) -> Slots:
    """The moving mean and mean square of gradients, updated as in MXNet's kernels."""
    mean = beta1 * slots["mean"] + rest(beta1) * slope
    variance = beta2 * slots["variance"] + rest(beta2) * slope * slope
    return {"mean": mean, "variance": variance}


def lamb(options: Options, f: Functions) -> Rule:
    """LAMB: Adam, with each step's norm in proportion to the weights' norm.

    Example:
        >>> import jax.numpy as jnp
        >>> from mxdigits.backends.mxnet.names import OPTIMIZERS
        >>> from mxdigits.backends.xla.functions import FUNCTIONS
        >>> rule = lamb(OPTIMIZERS["lamb"], FUNCTIONS)
        >>> step = Step(0.5, 0.5, 0.0, jnp.float32(1), 1)
        >>> slots = dict.fromkeys(rule.slots, jnp.float32(0))
        >>> weight, slots = rule.update(jnp.float32(1), jnp.float32(0.5), slots, step)
        >>> round(float(weight), 3), sorted(slots)
        (0.5, ['mean', 'variance'])
    """
    beta1, beta2, epsilon = (options[name] for name in ("beta1", "beta2", "epsilon"))
    lower, upper = options["lower_bound"], options["upper_bound"]

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = clipped(f, gradient * step.rescale, options["clip_gradient"])
        slots = _moments(slope, slots, beta1, beta2)
        mean, variance = slots["mean"], slots["variance"]
        if options["bias_correction"]:
            mean = mean / left_rounded(f, beta1, step.number)
            variance = variance / left_rounded(f, beta2, step.number)
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
    """AdaMax: Adam with the largest gradient in place of the mean square.

    Example:
        >>> import jax.numpy as jnp
        >>> from mxdigits.backends.mxnet.names import OPTIMIZERS
        >>> from mxdigits.backends.xla.functions import FUNCTIONS
        >>> rule = adamax(OPTIMIZERS["adamax"], FUNCTIONS)
        >>> step = Step(0.5, 0.5, 0.0, jnp.float32(1), 1)
        >>> slots = dict.fromkeys(rule.slots, jnp.float32(0))
        >>> weight, slots = rule.update(jnp.float32(1), jnp.float32(0.5), slots, step)
        >>> round(float(weight), 3), sorted(slots)
        (0.5, ['largest', 'mean'])
    """
    beta1, beta2 = options["beta1"], options["beta2"]

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = gradient * step.rescale + step.wd * weight
        slope = clipped_always(f, slope, options["clip_gradient"])
        mean = beta1 * slots["mean"] + (1 - beta1) * slope
        largest = f.maximum(beta2 * slots["largest"], f.abs(slope))
        # MXNet's AdaMax gives NaN, 0 / 0, if all gradients were 0; here the weight stays unchanged.
        share = mean / f.where(largest == 0, 1.0, largest)
        rate = step.learning_rate / left(f, beta1, step.number)
        return weight - rate * share, {"mean": mean, "largest": largest}

    return Rule(update, ("mean", "largest"))


def nadam(options: Options, f: Functions) -> Rule:
    """Nadam: Adam with Nesterov's momentum, whose schedule all arrays share.

    Example:
        >>> import jax.numpy as jnp
        >>> from mxdigits.backends.mxnet.names import OPTIMIZERS
        >>> from mxdigits.backends.xla.functions import FUNCTIONS
        >>> rule = nadam(OPTIMIZERS["nadam"], FUNCTIONS)
        >>> step = Step(0.5, 0.5, 0.0, jnp.float32(1), 1)
        >>> slots = dict.fromkeys(rule.slots, jnp.float32(0)) | dict(rule.shared)
        >>> weight, slots = rule.update(jnp.float32(1), jnp.float32(0.5), slots, step)
        >>> round(float(weight), 3), sorted(slots)
        (0.472, ['mean', 'schedule', 'variance'])
    """
    beta1, beta2 = options["beta1"], options["beta2"]

    def warmed(count: Array) -> Array:
        return beta1 * (1 - 0.5 * f.power(0.96, count * options["schedule_decay"]))

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = gradient * step.rescale + step.wd * weight
        slope = clipped_always(f, slope, options["clip_gradient"])
        now, following = warmed(step.number), warmed(step.number + 1)
        schedule = slots["schedule"] * now
        mean = beta1 * slots["mean"] + (1 - beta1) * slope
        variance = beta2 * slots["variance"] + (1 - beta2) * slope * slope
        direction = (1 - now) * slope / (1 - schedule)
        direction = direction + following * mean / (1 - schedule * following)
        divisor = f.sqrt(variance / left(f, beta2, step.number)) + options["epsilon"]
        weight = weight - step.learning_rate * direction / divisor
        return weight, {"mean": mean, "variance": variance, "schedule": schedule}

    return Rule(update, ("mean", "variance"), shared={"schedule": 1.0})


def rmsprop(options: Options, f: Functions) -> Rule:
    """RMSProp: steps by the gradient, divided by the root of the mean square.

    The option ``centered`` subtracts the squared mean from the mean square.

    Example:
        >>> import jax.numpy as jnp
        >>> from mxdigits.backends.mxnet.names import OPTIMIZERS
        >>> from mxdigits.backends.xla.functions import FUNCTIONS
        >>> rule = rmsprop(OPTIMIZERS["rmsprop"], FUNCTIONS)
        >>> step = Step(0.5, 0.5, 0.0, jnp.float32(1), 1)
        >>> slots = dict.fromkeys(rule.slots, jnp.float32(0))
        >>> weight, slots = rule.update(jnp.float32(1), jnp.float32(0.5), slots, step)
        >>> round(float(weight), 3), sorted(slots)
        (-0.581, ['squares'])
    """
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
    """AdaGrad: steps by the gradient, divided by the root of the sum of all squares.

    Example:
        >>> import jax.numpy as jnp
        >>> from mxdigits.backends.mxnet.names import OPTIMIZERS
        >>> from mxdigits.backends.xla.functions import FUNCTIONS
        >>> rule = adagrad(OPTIMIZERS["adagrad"], FUNCTIONS)
        >>> step = Step(0.5, 0.5, 0.0, jnp.float32(1), 1)
        >>> slots = dict.fromkeys(rule.slots, jnp.float32(0))
        >>> weight, slots = rule.update(jnp.float32(1), jnp.float32(0.5), slots, step)
        >>> round(float(weight), 3), sorted(slots)
        (0.5, ['squares'])
    """

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = clipped_always(f, gradient * step.rescale, options["clip_gradient"])
        squares = slots["squares"] + slope * slope
        direction = slope / f.sqrt(squares + options["eps"]) + weight * step.wd
        return weight - step.learning_rate * direction, {"squares": squares}

    return Rule(update, ("squares",))


def adadelta(options: Options, f: Functions) -> Rule:
    """AdaDelta: steps in proportion to earlier ones; it has no learning rate.

    Example:
        >>> import jax.numpy as jnp
        >>> from mxdigits.backends.mxnet.names import OPTIMIZERS
        >>> from mxdigits.backends.xla.functions import FUNCTIONS
        >>> rule = adadelta(OPTIMIZERS["adadelta"], FUNCTIONS)
        >>> step = Step(0.5, 0.5, 0.0, jnp.float32(1), 1)
        >>> slots = dict.fromkeys(rule.slots, jnp.float32(0))
        >>> weight, slots = rule.update(jnp.float32(1), jnp.float32(0.5), slots, step)
        >>> round(float(weight), 3), sorted(slots)
        (0.99, ['changes', 'squares'])
    """
    decay, epsilon = options["rho"], options["epsilon"]

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = clipped_always(f, gradient * step.rescale, options["clip_gradient"])
        squares = decay * slots["squares"] + (1 - decay) * slope * slope
        change = f.sqrt(slots["changes"] + epsilon) / f.sqrt(squares + epsilon) * slope
        changes = decay * slots["changes"] + (1 - decay) * change * change
        # AdaDelta has no learning rate.
        return weight - (change + step.wd * weight), {"squares": squares, "changes": changes}

    return Rule(update, ("squares", "changes"))


def ftrl(options: Options, f: Functions) -> Rule:
    """FTRL-Proximal, which sets small weights to 0.

    Example:
        >>> import jax.numpy as jnp
        >>> from mxdigits.backends.mxnet.names import OPTIMIZERS
        >>> from mxdigits.backends.xla.functions import FUNCTIONS
        >>> rule = ftrl(OPTIMIZERS["ftrl"], FUNCTIONS)
        >>> step = Step(0.5, 0.5, 0.0, jnp.float32(1), 1)
        >>> slots = dict.fromkeys(rule.slots, jnp.float32(0))
        >>> weight, slots = rule.update(jnp.float32(1), jnp.float32(0.5), slots, step)
        >>> round(float(weight), 3), sorted(slots)
        (0.163, ['squares', 'total'])
    """
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
    """FTML, which stands for following the moving leader.

    Example:
        >>> import jax.numpy as jnp
        >>> from mxdigits.backends.mxnet.names import OPTIMIZERS
        >>> from mxdigits.backends.xla.functions import FUNCTIONS
        >>> rule = ftml(OPTIMIZERS["ftml"], FUNCTIONS)
        >>> step = Step(0.5, 0.5, 0.0, jnp.float32(1), 1)
        >>> slots = dict.fromkeys(rule.slots, jnp.float32(0))
        >>> weight, slots = rule.update(jnp.float32(1), jnp.float32(0.5), slots, step)
        >>> round(float(weight), 3), sorted(slots)
        (0.5, ['divisor', 'total', 'variance'])
    """
    beta1, beta2 = options["beta1"], options["beta2"]

    def update(weight: Array, gradient: Array, slots: Slots, step: Step) -> tuple[Array, Slots]:
        slope = step.rescale * gradient + step.wd * weight
        slope = clipped(f, slope, options["clip_gradient"])
        variance = beta2 * slots["variance"] + rest(beta2) * slope * slope
        scale = f.sqrt(variance / left_rounded(f, beta2, step.number)) + options["epsilon"]
        divisor = left_rounded(f, beta1, step.number) / step.learning_rate * scale
        kept = (divisor - beta1 * slots["divisor"]) * weight
        total = beta1 * slots["total"] + rest(beta1) * slope - kept
        return -total / divisor, {"divisor": divisor, "variance": variance, "total": total}

    return Rule(update, ("divisor", "variance", "total"))
