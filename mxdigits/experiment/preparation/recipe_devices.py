"""The backend and the devices that a recipe asks for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ...backends.choose import BACKENDS, DeviceChoice, choose_devices
from ...backends.context import TRAINING
from ...backends.race.memory import version_of
from ...errors import BackendMissing, UsageError
from ...models.building import sketched
from ...recipe.schema import Recipe
from ...wording import Say
from ...workers import Workers
from ..records.record import cpu_threads


def devices_of(recipe: Recipe, workers: Workers, say: Say) -> DeviceChoice:
    """The backend and devices that a recipe asks for; each of several workers takes one device.

    Args:
        recipe: a recipe whose ``backend`` is not ``fastest``.
        workers: which of the processes this is that train together.
        say: told which devices are used, and which were skipped.

    Raises:
        ContextError, BackendMissing: if none of the requested devices exists here.
        NetworkError: if the backend lacks a layer of the model.
        UsageError: if each of several workers would need several devices.

    Example:
        >>> from mxdigits.workers import ALONE
        >>> devices_of(Recipe.make(model="mlp"), ALONE, lambda text: None).devices.kind
        'cpu'
    """
    choice = choose_devices(recipe.context, recipe.backend, say, precision=recipe.precision)
    _tell(choice, recipe, say)
    if choice.backend != "mxnet" and (graph := sketched(recipe.model.name, recipe.model.options)):
        choice.check_layers(graph)  # before reading the data, which may take long
    if workers.count > 1 and len(choice.contexts) > 1:
        raise UsageError(
            f"context: {choice.devices} are several devices, and each of the {workers.count} "
            "workers takes one; name one, and start a worker for each device"
        )
    return choice


@contextmanager
def naming_another_backend(recipe: Recipe, command: str) -> Iterator[None]:
    """Let an error in a ``with`` block name a backend that is here, if that of a run is missing.

    Args:
        recipe: of a run that somebody may have trained on another machine.
        command: the command without a backend, for the message; ``{backend}`` stands for it.

    Raises:
        BackendMissing: with the command for a backend that is installed, if there is one.

    Example:
        >>> with naming_another_backend(Recipe.make(model="mlp"), "mxdigits resume {backend}"):
        ...     pass
    """
    try:
        yield
    except BackendMissing as error:
        own = recipe.backend
        others = [name for name in TRAINING if name != own and version_of(name)]
        if own not in BACKENDS or version_of(str(own)) or not others:
            raise
        instead = command.replace("{backend}", f"backend={others[0]}")
        raise type(error)(f"{error}; or, by {others[0]}, which is here: {instead}") from error


def _tell(choice: DeviceChoice, recipe: Recipe, say: Say) -> None:
    used, threads = cpu_threads(choice), recipe.threads
    if choice.backend == "xla" and threads is not None:
        say(f"threads: {threads} has no effect: the backend xla takes all CPUs")
    elif threads not in (None, used):
        say(f"threads: {threads} has no effect: MXNet is imported in this process already")
    lower = "" if recipe.precision == "float32" else f"; precision: {recipe.precision}"
    say(f"context: {choice}; CPU threads: {used}{lower}")
