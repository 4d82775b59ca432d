"""Chooses a backend and devices from what a user asks for, and checks that they work.

If a requested device is not there, that is an error with the reason, never a silent switch to the
CPU. A list is the user's own order of preference. Backends are imported only when they are needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Callable, NamedTuple, Optional, TypeVar

from ..arrays import Arrays, Numbers
from ..errors import BackendMissing, ContextError, UsageError
from ..wording import Say, say_nothing
from .context import (
    FASTEST,
    AvailableDevices,
    BackendSpec,
    ContextSpec,
    Devices,
    parse_backend,
    parse_context,
    parse_precision,
    precision_problem,
    precisions_of,
)
from .nvidia import unused_gpu

if TYPE_CHECKING:
    from ..graph import Graph
    from .base import Backend
    from .settings import TrainingSettings

_Parsed = TypeVar("_Parsed")


class _Implementation(NamedTuple):
    """The parts that implement a backend, each as ``module:name`` for ``resolve_name``.

    ``backend`` is its class, ``find_devices`` finds its devices, ``load_network`` reads the files
    of a network. ``check_layers`` refuses a graph that it cannot run, and ``check_trainable`` what
    it cannot train; None if it can do everything. ``parameter_shapes`` finds the shapes of a
    graph's parameters; None if it trains no graph. ``outputs`` computes the output of any graph
    with one input and one head. ``profile`` measures a training step by operator. ``trains`` is
    false if it only predicts; its class then takes no training settings.
    """

    backend: str
    find_devices: str
    load_network: str
    outputs: str
    check_trainable: Optional[str] = None
    check_layers: Optional[str] = None
    parameter_shapes: Optional[str] = None
    profile: Optional[str] = None
    trains: bool = True


BACKENDS = {
    "mxnet": _Implementation(
        "mxdigits.backends.mxnet.backend:MXNetBackend",
        "mxdigits.backends.mxnet.devices:find_devices",
        "mxdigits.backends.mxnet.networks.saved_network:load_network",
        "mxdigits.backends.mxnet.networks.symbols:outputs",
        parameter_shapes="mxdigits.backends.mxnet.networks.graph_network:parameter_shapes",
        profile="mxdigits.backends.mxnet.passes.profiling:profile",
    ),
    "xla": _Implementation(
        "mxdigits.backends.xla.backend:XLABackend",
        "mxdigits.backends.xla.devices:find_devices",
        "mxdigits.backends.xla.loading:SHAPER.load_network",
        "mxdigits.backends.xla.execute:outputs",
        "mxdigits.backends.xla.backend:check_trainable",
        "mxdigits.backends.xla.support:check_supported",
        "mxdigits.backends.xla.loading:SHAPER.parameter_shapes",
        "mxdigits.backends.xla.profiling:profile",
    ),
    "torch": _Implementation(
        "mxdigits.backends.torch.backend:TorchBackend",
        "mxdigits.backends.torch.devices:find_devices",
        "mxdigits.backends.torch.loading:SHAPER.load_network",
        "mxdigits.backends.torch.execute:outputs",
        "mxdigits.backends.torch.backend:check_trainable",
        "mxdigits.backends.torch.support:check_supported",
        "mxdigits.backends.torch.loading:SHAPER.parameter_shapes",
        "mxdigits.backends.torch.profiling:profile",
    ),
    "onnx": _Implementation(
        "mxdigits.backends.onnx.backend:ONNXBackend",
        "mxdigits.backends.onnx.devices:find_devices",
        "mxdigits.backends.onnx.loading:load_network",
        "mxdigits.backends.onnx.backend:outputs",
        trains=False,
    ),
}


@dataclass(frozen=True)
class DeviceChoice:
    """The chosen backend and devices, and why earlier preferences were passed over.

    ``contexts`` are the devices in the backend's own form; ``about`` and ``versions`` are for a
    record; ``precisions`` are those in which these devices can compute a training step.

    Example:
        >>> print(DeviceChoice((), Devices("gpu", (0, 1)), backend="xla"))
        gpu(0,1) by xla
    """

    contexts: tuple[object, ...]
    devices: Devices
    passed_over: tuple[str, ...] = ()
    backend: str = "mxnet"
    about: Mapping[str, object] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    precisions: tuple[str, ...] = ("float32",)

    def check_layers(self, graph: Graph) -> None:
        """Check that the backend has all operators of a graph.

        Raises:
            NetworkError: naming each layer that it does not have.
        """
        check = BACKENDS[self.backend].check_layers
        if check is not None:
            resolve_name(check)(graph)

    def check_trainable(self, network: object, settings: TrainingSettings) -> None:
        """Check before training that the backend has the network's operators and the optimizer.

        Raises:
            NetworkError: naming each layer that it does not have.
            UsageError: if the backend does not have the optimizer.
        """
        check = BACKENDS[self.backend].check_trainable
        if check is not None:
            resolve_name(check)(network, settings)

    def __str__(self) -> str:
        name = f" ({self.about['name']})" if "name" in self.about else ""
        return f"{self.devices}{'' if self.backend == 'mxnet' else f' by {self.backend}'}{name}"


def choose_devices(
    context: ContextSpec,
    backend: BackendSpec = "auto",
    say: Say = say_nothing,
    *,
    precision: str = "float32",
    predicting: bool = False,
) -> DeviceChoice:
    """The first preference that works on this machine; each backend is tried for each device.

    Args:
        context: devices, as in a recipe.
        backend: backends, as in a recipe.
        say: called with the reason why each earlier preference was passed over.
        precision: the precision in which to compute training steps.
        predicting: whether backends that only predict are tried too.

    Raises:
        ContextError: if none works, with the reason for each.
        BackendMissing: if the only backend is not installed.
        UsageError: if one names no device or no backend, or no backend has the precision.

    Example:
        >>> print(choose_devices("cpu", "mxnet"))
        cpu(0)
    """
    preferences = _read("context", parse_context, context)
    if backend == FASTEST:
        raise UsageError(f"backend: {FASTEST} is decided by measurement, not here; write auto")
    backends = _read("backend", partial(parse_backend, predicting=predicting), backend)
    precision = _read("precision", parse_precision, precision)
    if problem := precision_problem(backends, precision):
        raise UsageError(f"precision: {problem}")
    passed_over: list[str] = []
    for devices, name in product(preferences, backends):
        try:
            available = _available(name, devices, precision)
        except (BackendMissing, ContextError) as error:
            if len(backends) == 1 and isinstance(error, BackendMissing):
                raise
            by = f" by {name}" if len(backends) > 1 else ""
            passed_over.append(f"{devices} is not available{by}: {error}")
            continue
        choice = DeviceChoice(
            available.devices,
            devices,
            tuple(passed_over),
            name,
            available.about,
            available.versions,
            tuple(each for each in precisions_of(name) if each not in available.without),
        )
        _tell(choice, say)
        return choice
    advice = "; name cpu after it to go on without a GPU where there is none"
    if any(devices.kind == "cpu" for devices in preferences):
        advice = ""
    if hint := _gpu_hint(passed_over):
        passed_over.append(hint)
    raise ContextError("; ".join(passed_over) + advice)


def _tell(choice: DeviceChoice, say: Say) -> None:
    """Say why preferences were passed over, and what is used instead."""
    if not choice.passed_over:
        return
    *others, last = choice.passed_over
    for text in others:
        say(text)
    say(f"{last}; {choice} is used")
    if choice.devices.kind != "gpu" and (hint := _gpu_hint(choice.passed_over)):
        say(hint)


def _gpu_hint(passed_over: Sequence[str]) -> str:
    """What to install to use this machine's GPU, if a GPU was asked for and passed over."""
    return unused_gpu() if any(text.startswith("gpu") for text in passed_over) else ""


def _available(backend: str, devices: Devices, precision: str) -> AvailableDevices:
    """The devices of a backend, after a check that they work and have the precision."""
    if precision not in precisions_of(backend):
        raise ContextError(f"it has no {precision}")
    available: AvailableDevices = resolve_name(BACKENDS[backend].find_devices)(devices)
    if precision in available.without:
        raise ContextError(f"it has no {precision}, which {available.without[precision]}")
    return available


def outputs(choice: DeviceChoice, graph: Graph, arrays: Arrays, images: Numbers) -> Numbers:
    """The output of a graph with one input and one head, in inference.

    Args:
        choice: the backend that computes it, and its devices.
        graph: a graph of any operators that the backend has.
        arrays: the arrays of its parameters and auxiliary states.
        images: the input, float32, of any shape that the graph takes.

    Raises:
        MxdigitsError: if the backend cannot run the graph, or not on such an input.

    Example:
        >>> import numpy as np
        >>> from mxdigits.graph import Graph, Output, Variable, operation
        >>> relu = operation("relu", "relu", [Output(0)])
        >>> graph = Graph((Variable("data", "input"), relu), (Output(1),))
        >>> choice = choose_devices("cpu", "mxnet")
        >>> outputs(choice, graph, {}, np.array([[-1.0, 2.0]], np.float32)).tolist()
        [[0.0, 2.0]]
    """
    compute = resolve_name(BACKENDS[choice.backend].outputs)
    found: Numbers = compute(graph, arrays, images, choice.contexts[0])
    return found


def _read(key: str, parse: Callable[[object], _Parsed], spec: object) -> _Parsed:
    try:
        return parse(spec)
    except ValueError as error:
        raise UsageError(f"{key}: {error}") from None


def make_backend(
    name: str,
    network: object,
    settings: Optional[TrainingSettings] = None,
    devices: Sequence[object] = (),
) -> Backend:
    """A backend for a network.

    Args:
        name: ``mxnet``, ``xla``, ``torch``, or ``onnx``, which predicts only.
        network: an initialised HybridBlock or a :class:`~mxdigits.backends.network.GraphNetwork`.
        settings: how the network learns; None if it only predicts.
        devices: the devices in the backend's own form; by default those that hold the network.

    Raises:
        UsageError: if there is no such backend, or it does not have the precision.
        MxdigitsError: if it is not installed, or refuses the network or the settings.

    Example:
        >>> make_backend("tpu", None)
        Traceback (most recent call last):
            ...
        mxdigits.errors.UsageError: there is no backend 'tpu'; there are: mxnet, xla, torch, onnx
    """
    if name not in BACKENDS:
        raise UsageError(f"there is no backend {name!r}; there are: {', '.join(BACKENDS)}")
    if settings is not None and (problem := precision_problem([name], settings.precision)):
        raise UsageError(f"precision: {problem}")
    make: Callable[..., Backend] = resolve_name(BACKENDS[name].backend)
    if not BACKENDS[name].trains:
        return make(network, devices)
    if settings is None:
        from .settings import TrainingSettings

        settings = TrainingSettings()
    return make(network, settings, devices)
