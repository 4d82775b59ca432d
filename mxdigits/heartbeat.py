"""Signs of life from a process of a launched run, to what watches it on its machine.

``mxdigits launch`` gives each worker the end of a pipe, by the number in ``MXDIGITS_HEARTBEAT``. A
thread writes an empty line there every two seconds. It falls silent if the process is stopped, if a
library holds Python's lock for ever, or if the disk of the run does not answer. Without that
variable nothing happens here.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Optional

HEARTBEAT = "MXDIGITS_HEARTBEAT"
SECONDS = 2.0  # from one sign of life to the next

_pipe: Optional[int] = None
_folder: Optional[str] = None


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


def tell_folder(folder: str) -> None:
    """Tell the launcher the run folder, and watch its disk from now on.

    >>> tell_folder("runs/mlp/20261123T153755Z-62fd27")  # in a process that was not launched
    """
    global _folder
    if _pipe is not None:
        _folder = folder
        _write(_pipe, f"{json.dumps({'folder': folder})}\n".encode())


def tell_finished() -> None:
    """Tell the launcher that the run is finished and written, whatever becomes of its processes.

    >>> tell_finished()  # in a process that was not launched
    """
    if _pipe is not None:
        _write(_pipe, b'{"finished": true}\n')


def tell_diverged() -> None:
    """Tell the launcher that the run would only fail in the same way if it began again.

    >>> tell_diverged()  # in a process that was not launched
    """
    if _pipe is not None:
        _write(_pipe, b'{"diverged": true}\n')


@contextmanager
def leaving_at_once() -> Iterator[None]:
    """End a launched process without delay, if what is done in the block fails.

    Libraries wait for the other workers when a process ends, and those wait for it.

    >>> with leaving_at_once():  # in a process that was not launched
    ...     pass
    """
    try:
        yield
    except SystemExit as error:
        if _pipe is not None and isinstance(error.code, int) and error.code:
            os._exit(error.code)
        raise
    except BaseException:
        if _pipe is not None:
            traceback.print_exc()
            os._exit(1)
        raise


def _beat(pipe: int) -> None:
    while True:
        if _folder is not None:
            _try_disk(_folder)
        _write(pipe, b"\n")
        time.sleep(SECONDS)


def _try_disk(folder: str) -> None:
    """Write to a disk, and wait until it has; the file has no name, so nothing is left of it.

    A disk that refuses is no concern here: whatever the process writes next says so itself.
    """
    with suppress(OSError, AttributeError):
        os.statvfs(folder)  # asks a server, where the folder lies on one
        descriptor = os.open(folder, os.O_TMPFILE | os.O_WRONLY, 0o600)  # on Linux, and few servers
        try:
            os.write(descriptor, b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _write(pipe: int, line: bytes) -> None:
    try:
        os.write(pipe, line)  # whole: pipes do not mix lines up to 4096 bytes
    except OSError:
        os.kill(os.getpid(), signal.SIGKILL)
