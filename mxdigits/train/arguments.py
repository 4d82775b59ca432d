"""Checks of what a Trainer is given, before anything is built; a mistake gives a one-line error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Optional

from ..arguments import as_items, as_name, as_number, as_options, quoted
from ..backends.batches import BALANCED
from ..backends.mxnet.names import OPTIMIZERS, option_problem
from ..backends.mxnet.types import Network
from ..backends.network import Learning, learning_of, places_of
from ..backends.settings import Teacher
from ..errors import UsageError
from ..graph import Graph
from ..workers import Workers
from .callbacks import Callback
from .schedule import Schedule
from .state import StateSink, TrainingState


def as_callback(callback: object) -> Callback:
    """A callback, or any object with the methods of one.

    Raises:
        UsageError: if it is not a callback, for example the class of one.

    Example:
        >>> as_callback(Callback())  # doctest: +ELLIPSIS
        <mxdigits.train.callbacks.Callback object at ...>
    """
    if isinstance(callback, type):
        raise UsageError(f"callbacks: {callback.__name__} is a class; write {callback.__name__}()")
    if not hasattr(callback, "on_epoch_end"):
        raise UsageError(f"callbacks: each must be a Callback, got {quoted(callback)}")
    return callback  # type: ignore[return-value]


def as_callbacks(callbacks: object) -> list[Callback]:
    """Callbacks as a list.

    Raises:
        UsageError: if they are not a list, or one of them is not a callback.

    Example:
        >>> as_callbacks(())
        []
    """
    if isinstance(callbacks, Callback):
        raise UsageError("callbacks: must be a list of callbacks; write [callback]")
    return as_items("callbacks", callbacks, "callbacks", as_callback)


def as_weights(weights: object) -> tuple[float, ...]:
    """The weights of the classes in the loss, numbers above 0.

    Raises:
        UsageError: if they are anything else.

    Example:
        >>> as_weights([1, 2.5])
        (1.0, 2.5)
    """
    each = partial(as_number, "class_weights: each", above=True)
    return tuple(as_items("class_weights", weights, "numbers above 0, one for each class", each))


def as_learning(
    network: Network, freeze: object, lr_mult: Optional[Mapping[str, float]]
) -> Learning:
    """Which parameters of a network learn, and how fast, by patterns of their names.

    Raises:
        UsageError: if ``freeze`` is not a list of texts, ``lr_mult`` not a mapping from text to
            numbers above 0, a pattern fits no name, or nothing is left to train.

    Example:
        >>> from mxdigits.backends.network import GraphNetwork
        >>> from mxdigits.graph import Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1), Output(2)],
        ...                   num_hidden=10)
        >>> variables = Variable("data", "input"), Variable("dense.w"), Variable("dense.b")
        >>> network = GraphNetwork(Graph((*variables, dense), (Output(3),)), {})
        >>> as_learning(network, ["*.b"], None).frozen
        frozenset({'dense.b'})
    """
    what = "patterns such as 'features.*'"
    patterns = as_items("freeze", freeze, what, partial(as_name, "freeze: each"))
    given = as_options("lr_mult", lr_mult, "{'features.*': 0.1}")
    rates = {key: as_number(f"lr_mult: {key}", value, above=True) for key, value in given.items()}
    if not patterns and not rates:
        return Learning()
    return learning_of(places_of(network), patterns, rates)


def check_sampler(sampler: Optional[str]) -> None:
    """Check that there is a sampler of this name.

    Raises:
        UsageError: if there is none.

    Example:
        >>> check_sampler("balanced")
    """
    if sampler not in (None, BALANCED):
        raise UsageError(f"sampler: must be {BALANCED!r} or None, got {quoted(sampler)}")


def check_schedule(schedule: Optional[Schedule]) -> None:
    """Check that a schedule can be called for learning rates.

    Raises:
        UsageError: if it is neither a function nor None.

    Example:
        >>> check_schedule(lambda epoch: 0.1 / (epoch + 1))
    """
    if schedule is not None and not callable(schedule):
        raise UsageError(
            "schedule: must be a function from an epoch to its learning rate, such as lambda "
            f"epoch: 0.1, got {quoted(schedule)}"
        )


def as_devices(contexts: object) -> Sequence[object]:
    """Devices as a list.

    Raises:
        UsageError: if they are not a list, for example a single device.

    Example:
        >>> as_devices(())
        []
    """
    return as_items("contexts", contexts, "devices, such as [mx.cpu()]", lambda device: device)


def optimizer_options(
    optimizer: object, options: Optional[Mapping[str, object]]
) -> dict[str, object]:
    """The options of an optimizer, checked for those that MXNet 1.9.1 registers.

    Raises:
        UsageError: if they are not a mapping, one is unknown or has an invalid value, or the
            optimizer is an object, which takes no options any more.

    Example:
        >>> optimizer_options("sgd", {"momentum": 0.9})
        {'momentum': 0.9}
    """
    given = as_options("optimizer_options", options, "{'momentum': 0.9}")
    if not isinstance(optimizer, str):
        if given:
            raise UsageError("optimizer_options: are only for an optimizer that is given by name")
        return given
    known = OPTIMIZERS.get(optimizer.lower(), {})
    for key, value in given.items():
        if key == "learning_rate":
            given[key] = as_number("optimizer_options: learning_rate", value)
            continue
        if known and key not in known:
            names = ", ".join(sorted(known))
            raise UsageError(f"optimizer_options: {key}: unknown option; known: {names}")
        what = option_problem(known[key], value, key) if known else None
        if what is not None:
            raise UsageError(f"optimizer_options: {key}: {what}, got {quoted(value)}")
    return given


def check_augmentation(augmentation: object) -> None:
    """Check that an augmentation can change images; its name cannot.

    Raises:
        UsageError: if it is neither a Graph, a HybridBlock nor None.

    Example:
        >>> check_augmentation(None)
    """
    if (
        augmentation is None
        or isinstance(augmentation, Graph)
        or hasattr(augmentation, "hybridize")
    ):
        return
    build = "mxdigits.build_augmentation('affine', {}, image_shape=(1, 28, 28)) makes one by name"
    raise UsageError(
        f"augmentation: must be a Graph or a HybridBlock, got {quoted(augmentation)}; {build}"
    )


def check_teacher(teacher: object) -> None:
    """Check that a teacher is a Teacher.

    Raises:
        UsageError: if it is neither a Teacher nor None.

    Example:
        >>> check_teacher(None)
    """
    if teacher is not None and not isinstance(teacher, Teacher):
        raise UsageError(
            f"teacher: must be a Teacher of mxdigits.backends.settings, got {quoted(teacher)}"
        )


def check_batch_size(batch_size: int, samples: int) -> None:
    """Check that there are images for one full batch.

    Raises:
        UsageError: if there are fewer.

    Example:
        >>> check_batch_size(100, 60_000)
    """
    if batch_size > samples:
        raise UsageError(
            f"batch_size {batch_size} must be from 1 to the number of training images, {samples}"
        )


def check_class_weights(given: int, classes: int) -> None:
    """Check that there is a weight for each class of the network.

    Raises:
        UsageError: if there are more or fewer.

    Example:
        >>> check_class_weights(10, 10)
    """
    if given != classes:
        raise UsageError(f"class_weights: {given} are given, and the network has {classes} classes")


def check_workers(workers: object) -> None:
    """Check that ``workers`` says which worker this is.

    Raises:
        UsageError: if it is not a Workers object.

    Example:
        >>> from mxdigits.workers import ALONE
        >>> check_workers(ALONE)
    """
    if not isinstance(workers, Workers):
        raise UsageError(f"workers: must be Workers of mxdigits.workers, got {quoted(workers)}")


def check_sink(sink: Optional[StateSink]) -> None:
    """Check that a sink can keep states.

    Raises:
        UsageError: if it lacks the methods of a StateSink, or is the class of one.

    Example:
        >>> check_sink(None)
    """
    if sink is None:
        return
    if isinstance(sink, type):
        raise UsageError(f"sink: {sink.__name__} is a class; write {sink.__name__}()")
    if not (hasattr(sink, "due") and hasattr(sink, "keep")):
        raise UsageError(
            f"sink: must have the methods due(batch) and keep(state, *, last), got {quoted(sink)}"
        )


def check_state(state: object) -> None:
    """Check that a state is the state of a fit.

    Raises:
        UsageError: if it is not a TrainingState.

    Example:
        >>> check_state(TrainingState(1, 0, {}, {}))
    """
    if not isinstance(state, TrainingState):
        raise UsageError(
            f"state: must be a TrainingState, as a sink of fit is given, got {quoted(state)}"
        )
