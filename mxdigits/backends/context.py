"""Reads users' choices of devices and backends, without importing any backend."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Union

from ..foreign import first_line
from ..values import as_written

ContextSpec = Union[str, Sequence[str]]
BackendSpec = Union[str, Sequence[str]]

# The backends that train, and all backends; ``auto`` tries them in this order.
TRAINING = ("mxnet", "xla", "torch")
NAMES = ("mxnet", "xla", "onnx", "torch")

# In place of a backend's name: the backend that is measured to be the fastest.
FASTEST = "fastest"

# The precisions in which each backend computes a training step; a device may lack some.
PRECISIONS: Mapping[str, tuple[str, ...]] = {
    "mxnet": ("float32",),
    "xla": ("float32", "tf32", "bfloat16", "float16"),
    "torch": ("float32", "tf32", "bfloat16", "float16"),
}

# How CUDA and XLA report it.
_NO_MEMORY = ("out of memory", "out_of_memory", "resource_exhausted")

_FORM = re.compile(r"(cpu|gpu)(?:\(\s*(\d{1,4}(?:\s*,\s*\d{1,4})*)\s*\))?")
_HOW = "write cpu, gpu, gpu(1), gpu(0,1), auto, or a list in order of preference"


@dataclass(frozen=True)
class Devices:
    """One or more devices that work together: a kind and their indices, as in ``gpu(0,1)``.

    Example:
        >>> print(Devices("gpu", (0, 1)))
        gpu(0,1)
    """

    kind: str
    indices: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.kind}({','.join(map(str, self.indices))})"


@dataclass(frozen=True)
class AvailableDevices:
    """Devices in a backend's own form, with facts about them and the backend for a record.

    ``without`` has the backend's precisions that these devices lack: {precision: what has it}.

    Example:
        >>> AvailableDevices(("cpu(0)",)).about
        {}
    """

    devices: tuple[object, ...]
    about: Mapping[str, object] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    without: Mapping[str, str] = field(default_factory=dict)


def why_unusable(requested: Devices, library: str, error: Exception, why: str = "") -> str:
    """Why devices cannot be used, from the error of a trial computation on them.

    Args:
        requested: the devices.
        library: the name of the library that failed, as people write it.
        error: what it raised.
        why: the reason if it is known; by default the first line of the error.

    Example:
        >>> why_unusable(Devices("gpu", (0,)), "JAX", RuntimeError("no kernel image"))
        'gpu(0) does not work with JAX (no kernel image)'
    """
    text = str(error).lower()
    if any(words in text for words in _NO_MEMORY):
        return (
            f"{requested} has no free memory: end what else uses it, which nvidia-smi shows, "
            f"or take another device ({first_line(error)})"
        )
    return f"{requested} does not work with {library}" + (
        f": {why}" if why else f" ({first_line(error)})"
    )


def parse_context(spec: object) -> tuple[Devices, ...]:
    """The devices in order of preference; ``auto`` is ``[gpu, cpu]``.

    Raises:
        ValueError: if ``spec`` names no device, or a device twice.

    Example:
        >>> [str(devices) for devices in parse_context(["gpu(0,1)", "cpu"])]
        ['gpu(0,1)', 'cpu(0)']
    """
    preferences = spec if isinstance(spec, (list, tuple)) else [spec]
    if not preferences:
        raise ValueError(f"is empty; {_HOW}")
    wanted: list[Devices] = []
    for each in preferences:
        wanted += _parse_one(each)
    return tuple(wanted)


def _parse_one(entry: object) -> list[Devices]:
    if isinstance(entry, str) and entry.strip() == "auto":
        return [Devices("gpu", (0,)), Devices("cpu", (0,))]
    match = _FORM.fullmatch(entry.strip()) if isinstance(entry, str) else None
    if match is None:
        raise ValueError(f"{entry!r} names no device; {_HOW}")
    indices = tuple(int(i) for i in (match[2] or "0").split(","))
    if len(set(indices)) < len(indices):
        raise ValueError(f"{entry!r} names a device twice")
    return [Devices(match[1], indices)]


def parse_backend(spec: object, *, predicting: bool = False) -> tuple[str, ...]:
    """The names of backends in order; ``auto`` and ``fastest`` mean all of them.

    Args:
        spec: as in a recipe or a command.
        predicting: whether backends that only predict are included.

    Raises:
        ValueError: if ``spec`` names no backend, or a backend twice.

    Example:
        >>> parse_backend("auto")
        ('mxnet', 'xla', 'torch')
    """
    preferences = spec if isinstance(spec, (list, tuple)) else [spec]
    known = NAMES if predicting else TRAINING
    how = f"write auto, fastest, {', '.join(known)}, or a list in order of preference"
    if spec == FASTEST:
        return known
    if not preferences:
        raise ValueError(f"is empty; {how}")
    for place, each in enumerate(preferences):
        if each == FASTEST:
            raise ValueError(f"{FASTEST} cannot be in a list: it compares all backends")
        if each not in ("auto", *known):
            what = "predicts only" if each in NAMES else "names no backend"
            raise ValueError(f"{each!r} {what}; {how}")
        if each in preferences[:place]:
            raise ValueError(f"{each!r} is given twice")
    names = [name for each in preferences for name in (known if each == "auto" else (str(each),))]
    return tuple(dict.fromkeys(names))


def parse_precision(spec: object) -> str:
    """The name of a precision.

    Raises:
        ValueError: if ``spec`` is none; the message is for its author.

    Example:
        >>> parse_precision("tf32")
        'tf32'
        >>> parse_precision("float8")
        Traceback (most recent call last):
            ...
        ValueError: must be float32, tf32, bfloat16 or float16, got 'float8'
    """
    known = tuple(dict.fromkeys(each for names in PRECISIONS.values() for each in names))
    if spec not in known:
        raise ValueError(f"must be {', '.join(known[:-1])} or {known[-1]}, got {as_written(spec)}")
    return str(spec)


def precision_problem(backends: Sequence[str], precision: str) -> str:
    """Why none of the given backends computes in a precision; empty if one of them does.

    Example:
        >>> precision_problem(["mxnet"], "bfloat16")
        'the backend mxnet computes in float32 alone; for bfloat16 write backend: xla or torch'
    """
    if any(precision in precisions_of(name) for name in backends):
        return ""
    if not any(precision in PRECISIONS[name] for name in PRECISIONS):
        there = dict.fromkeys(each for known in PRECISIONS.values() for each in known)
        return f"there is no precision {precision!r}; there are: {', '.join(there)}"
    having = " or ".join(name for name in PRECISIONS if precision in PRECISIONS[name])
    has = "; ".join(
        f"the backend {name} computes in {' and '.join(precisions_of(name))} alone"
        for name in backends
    )
    return f"{has}; for {precision} write backend: {having}"


def precisions_of(backend: str) -> tuple[str, ...]:
    """The precisions in which a backend can compute a training step.

    Example:
        >>> precisions_of("mxnet"), "bfloat16" in precisions_of("xla")
        (('float32',), True)
    """
    return PRECISIONS.get(backend, ("float32",))
