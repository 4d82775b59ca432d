"""Runs a scheduler or a server of MXNet's parameter server.

``python -m mxdigits.backends.mxnet.team.companion`` takes its role from the environment
(DMLC_ROLE), and ends when all workers have ended normally. Unlike MXNet's own servers, it accepts
no optimizer from the network: that would be a pickle, which runs code when it is read.
"""

from __future__ import annotations

import ctypes
import os

from .... import heartbeat
from ....errors import MXNetMissing
from ...team.sockets import for_its_owner_alone
from ..runtime import import_mxnet

_ROLE = "DMLC_ROLE"


def serve() -> None:
    """Serve the workers; returns when all of them have ended.

    If MXNet does not start, it returns at once: the workers then train with another backend, or
    report why they cannot.

    Example:
        >>> serve()  # doctest: +SKIP
    """
    role = os.environ.pop(_ROLE)  # with it, the import would serve and never return
    try:
        mx = import_mxnet()
    except MXNetMissing:
        return
    os.environ[_ROLE] = role
    store = mx.kv.create("dist_sync")
    kind = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
    run = mx.base._LIB.MXKVStoreRunServer
    mx.base.check_call(run(store.handle, kind(_pass_over), None))


def _pass_over(command: int, body: bytes, handle: object) -> None:
    """Ignore commands: workers here send only those that the server itself handles."""


if __name__ == "__main__":
    heartbeat.start()
    with for_its_owner_alone():
        serve()
