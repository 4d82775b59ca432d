"""From a backend's name to a backend, imported when it is needed."""

from __future__ import annotations

from collections.abc import Sequence
from pkgutil import resolve_name
from typing import Any

from ..errors import UsageError
from .base import Backend, TrainingSettings

# The class of each backend, by the name that recipes have for it.
BACKENDS = {
    "mxnet": "mxdigits.backends.mxnet.backend:MXNetBackend",
    "xla": "mxdigits.backends.xla.backend:XLABackend",
}


def make_backend(
    name: str, network: Any, settings: TrainingSettings, devices: Sequence[Any] = ()
) -> Backend:
    """A backend for a network.

    Args:
        name: ``mxnet`` or ``xla``.
        network: an initialised HybridBlock; or, but for ``mxnet``, a
            :class:`~mxdigits.backends.base.GraphNetwork`.
        settings: how the network learns.
        devices: the backend's own; by default those that the network is on.

    Raises:
        UsageError: if there is no such backend.
        MxdigitsError: if it is not installed, or refuses the network or the settings.

    Example:
        >>> make_backend("tpu", None, TrainingSettings())
        Traceback (most recent call last):
            ...
        mxdigits.errors.UsageError: there is no backend 'tpu'; there are: mxnet, xla
    """
    if name not in BACKENDS:
        raise UsageError(f"there is no backend {name!r}; there are: {', '.join(BACKENDS)}")
    backend: Backend = resolve_name(BACKENDS[name])(network, settings, devices)
    return backend
