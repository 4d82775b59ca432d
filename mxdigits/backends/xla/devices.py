"""JAX's devices, tried before they are used."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from types import ModuleType
from typing import TYPE_CHECKING

from ...errors import ContextError
from ...foreign import first_line
from ...installing import install_command
from ...values import Unchecked
from ...workers import current
from ..context import AvailableDevices, Devices, why_unusable
from ..nvidia import OLDEST_TF32, TF32_HAVE, driver_version, is_older
from .runtime import GPU_PLUGINS, gpu_plugins, import_jax, keep_compiled

if TYPE_CHECKING:
    from .types import Device

_SEVERAL_CPUS = "XLA_FLAGS=--xla_force_host_platform_device_count={} makes so many of a processor"


def find_devices(devices: Devices) -> AvailableDevices:
    """The requested devices; programs compiled for them are kept on disk from now on.

    Raises:
        ContextError: with the reason if they cannot be used.
        BackendMissing: if JAX is not installed, or does not start.

    Example:
        >>> find_devices(Devices("cpu", (0,))).contexts  # doctest: +SKIP
        (CpuDevice(id=0),)
        >>> find_devices(Devices("cpu", (99,)))
        Traceback (most recent call last):
            ...
        mxdigits.errors.ContextError: JAX has no cpu(99): it sees ..., counted from 0; ...
    """
    jax = import_jax()
    if (workers := current()).count > 1:
        from .team import team_of  # imports JAX

        team_of(workers)  # before JAX looks for its devices
    there = _of_kind(jax, devices.kind)
    for index in devices.indices:
        if index >= len(there):
            how = f"; {_SEVERAL_CPUS.format(index + 1)}" if devices.kind == "cpu" else ""
            raise ContextError(
                f"JAX has no {devices.kind}({index}): it sees {len(there)}, counted from 0{how}"
            )
    chosen = tuple(there[index] for index in devices.indices)
    keep_compiled()
    for device, index in zip(chosen, devices.indices):
        _try(jax, [device], Devices(devices.kind, (index,)))
    if len(chosen) > 1:
        _try(jax, chosen, devices)
    without = {} if all(map(_has_tf32, chosen)) else {"tf32": TF32_HAVE}
    return AvailableDevices(chosen, described(chosen), versions(), without)


def first_device() -> Device:
    """JAX's first device: a GPU if it has one.

    Example:
        >>> first_device().id
        0
    """
    return import_jax().local_devices()[0]


def described(devices: Sequence[Device]) -> dict[str, object]:
    """Devices for a run's record; for GPUs, their name, compute capability and driver.

    Example:
        >>> described(import_jax().devices("cpu"))
        {}
    """
    if devices[0].platform == "cpu":
        return {}
    names = dict.fromkeys(str(device.device_kind) for device in devices)
    capabilities = dict.fromkeys(getattr(d, "compute_capability", "") for d in devices)
    facts = {
        "name": ", ".join(names),
        "compute_capability": ", ".join(map(str, capabilities)),
        "driver": driver_version(),
    }
    return {name: fact for name, fact in facts.items() if fact}


def versions() -> dict[str, str]:
    """The versions of JAX, for a run's record.

    Example:
        >>> list(versions())
        ['jax', 'jaxlib']
    """
    import_jax()
    return {name: str(sys.modules[name].__version__) for name in ("jax", "jaxlib")}


def _has_tf32(device: Device) -> bool:
    capability: Unchecked = getattr(device, "compute_capability", None)
    with suppress(TypeError, ValueError):  # other makers' GPUs have no numbers there
        return float(capability) >= OLDEST_TF32
    return False


def _of_kind(jax: ModuleType, kind: str) -> list[Device]:
    try:
        return list(jax.local_devices(backend=kind))
    except RuntimeError as error:
        raise ContextError(_why_none(kind, error)) from error


def _why_none(kind: str, error: RuntimeError) -> str:
    """Why JAX has no device of a kind, and what to do about it."""
    plugins = gpu_plugins()
    if kind == "gpu" and not plugins:
        return (
            f"the installed JAX is the CPU-only build; for NVIDIA GPUs: "
            f"{install_command('xla-cuda')}"
        )
    if kind == "gpu" and (old := _old_driver(plugins)):
        return old
    return f"JAX sees no {kind} ({first_line(error)})"


def _old_driver(plugins: Sequence[str]) -> str:
    """The driver that the installed JAX needs, if this machine's driver is older; else empty."""
    driver = driver_version()
    for plugin in plugins:
        needed = GPU_PLUGINS[plugin]
        if driver and needed and is_older(driver, needed):
            return (
                f"the NVIDIA driver {driver} is too old for the installed JAX "
                f"({plugin.replace('_', '-')}), which needs {needed} or newer: update the driver"
            )
    return ""


def _try(jax: ModuleType, devices: Sequence[Device], requested: Devices) -> None:
    """Compute something on devices: a driver may be too old, or a GPU's memory in use."""
    try:
        if len(devices) == 1:
            (jax.device_put(jax.numpy.ones(2), devices[0]) * 2).block_until_ready()
        else:  # several devices also have to add up results
            from .placement import Placement  # imports JAX

            spread = Placement(devices).put_split(jax.numpy.ones(len(devices)))
            spread.sum().block_until_ready()
    except Exception as error:  # XLA's errors have no common class
        old = _old_driver(gpu_plugins()) if "driver" in str(error).lower() else ""
        raise ContextError(why_unusable(requested, "JAX", error, old)) from error
