"""Signs of life from a process of a launched run, to what watches it on its machine.

``mxdigits launch`` gives each worker the end of a pipe, by the number in ``MXDIGITS_HEARTBEAT``. A
thread writes an empty line there every two seconds; it falls silent if the process is stopped, or
if a library holds Python's lock for ever. Without that variable nothing happens here.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from typing import Optional

from .values import Json

HEARTBEAT = "MXDIGITS_HEARTBEAT"
SECONDS = 2.0  # from one sign of life to the next

_pipe: Optional[int] = None


def start() -> None:
    """Begin to beat, if this process was launched.

    When nobody reads any more, what watched the process is gone, and the process ends at once.

    >>> start()  # in a process that was not launched
    """
    global _pipe
    number = os.environ.pop(HEARTBEAT, "")  # what this process starts is not watched
    if number.isdecimal():
        _pipe = int(number)
        os.set_inheritable(_pipe, False)
        threading.Thread(target=_beat, args=(_pipe,), daemon=True).start()


def tell(**facts: Json) -> None:
    """Tell the launcher something of the run, such as its folder.

    >>> tell(folder="runs/mlp/20261123T153755Z-62fd27")  # in a process that was not launched
    """
    if _pipe is not None:
        _write(_pipe, f"{json.dumps(facts)}\n".encode())


def _beat(pipe: int) -> None:
    while True:
        _write(pipe, b"\n")
        time.sleep(SECONDS)


def _write(pipe: int, line: bytes) -> None:
    try:
        os.write(pipe, line)  # whole: pipes do not mix lines up to 4096 bytes
    except OSError:
        os.kill(os.getpid(), signal.SIGKILL)
