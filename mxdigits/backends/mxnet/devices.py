"""Devices: from what a user writes to MXNet contexts that have been seen to work.

A device that was asked for and is not there is an error with the reason, never a silent step down
to the CPU.  A list is the user's own order of preference.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Callable, Union

from ...errors import ContextError, UsageError
from .runtime import import_mxnet
from .types import Device

ContextSpec = Union[str, Sequence[str]]

_FORM = re.compile(r"(cpu|gpu)(?:\(\s*(\d{1,4}(?:\s*,\s*\d{1,4})*)\s*\))?")
_HOW = "write cpu, gpu, gpu(1), gpu(0,1), auto, or a list in order of preference"


@dataclass(frozen=True)
class Devices:
    """One wish: a kind and the indices of one or more devices, as in ``gpu(0,1)``."""

    kind: str
    indices: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.kind}({','.join(map(str, self.indices))})"


@dataclass(frozen=True)
class DeviceChoice:
    """The contexts that a run will use, and why the wishes before them were passed over."""

    contexts: tuple[Device, ...]
    devices: Devices
    passed_over: tuple[str, ...] = ()


def parse_context(spec: object) -> tuple[Devices, ...]:
    """The wishes in order; ``auto`` is ``[gpu, cpu]``.

    Raises:
        ValueError: in words for whoever wrote ``spec``.
    """
    wishes = spec if isinstance(spec, (list, tuple)) else [spec]
    if not wishes:
        raise ValueError(f"is empty; {_HOW}")
    wanted: list[Devices] = []
    for wish in wishes:
        wanted += _parse_one(wish)
    return tuple(wanted)


def _parse_one(wish: object) -> list[Devices]:
    if isinstance(wish, str) and wish.strip() == "auto":
        return [Devices("gpu", (0,)), Devices("cpu", (0,))]
    match = _FORM.fullmatch(wish.strip()) if isinstance(wish, str) else None
    if match is None:
        raise ValueError(f"{wish!r} names no device; {_HOW}")
    indices = tuple(int(i) for i in (match[2] or "0").split(","))
    if len(set(indices)) < len(indices):
        raise ValueError(f"{wish!r} names a device twice")
    return [Devices(match[1], indices)]


def choose_contexts(
    spec: ContextSpec, say: Callable[[str], None] = lambda text: None
) -> DeviceChoice:
    """The first wish that this machine can grant.

    Args:
        spec: the wishes.
        say: told why each wish before that one was passed over.

    Raises:
        ContextError: if it can grant none, with the reason for each.
        UsageError: if ``spec`` names no device.
    """
    try:
        wishes = parse_context(spec)
    except ValueError as error:
        raise UsageError(f"context: {error}") from None
    mx = import_mxnet()
    passed_over: list[str] = []
    for devices in wishes:
        reason = _missing(mx, devices) if devices.kind == "gpu" else None
        if reason is None:
            contexts = tuple(mx.Context(devices.kind, i) for i in devices.indices)
            for text in passed_over:
                say(text)
            return DeviceChoice(contexts, devices, tuple(passed_over))
        passed_over.append(f"{devices} is not available: {reason}")
    raise ContextError(
        "; ".join(passed_over) + "; name cpu after it to go on without a GPU where there is none"
    )


def _missing(mx: Any, devices: Devices) -> str | None:
    """Why these GPUs cannot be used; None if a computation on each of them works."""
    if not mx.runtime.Features().is_enabled("CUDA"):
        return "the installed MXNet is the CPU-only build"
    try:
        count = mx.context.num_gpus()
    except mx.MXNetError as error:
        return f"the NVIDIA driver does not answer ({_first_line(error)})"
    if count == 0:
        return "the NVIDIA driver shows no GPU"
    for index in devices.indices:
        if index >= count:
            return f"there is no gpu({index}): this machine has {count}, counted from 0"
        try:
            mx.nd.ones((2,), ctx=mx.gpu(index)).asnumpy()
        except mx.MXNetError as error:
            return (
                f"gpu({index}) cannot run this MXNet build, which holds machine code for "
                f"compute capability 5.0 to 8.9 only ({_first_line(error)})"
            )
    return None


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
