"""A scheduler or a server of MXNet's parameter server.

``python -m mxdigits.backends.mxnet.team.companion`` is what the environment says (DMLC_ROLE), and
ends when all workers have ended in good order. Unlike MXNet's own servers it takes no optimizer
from the network: that would be a pickle, which runs code when it is read.
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

    Where MXNet does not start it returns at once: the workers train by another backend, or say why
    they cannot.

    Example:
        >>> serve()  # doctest: +SKIP
    """
    role = os.environ.pop(_ROLE)  # the import would serve at once, and never return
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
    """Workers here send no commands but those that the server itself understands."""


if __name__ == "__main__":
    heartbeat.start()
    with for_its_owner_alone():
        serve()
