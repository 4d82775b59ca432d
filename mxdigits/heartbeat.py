"""Signs of life from a process of a launched run to the process that watches it.

``mxdigits launch`` gives each worker one end of a pipe; ``MXDIGITS_HEARTBEAT`` holds its file
descriptor. A thread writes an empty line there every two seconds. It falls silent if the process is
stopped, if a library holds Python's interpreter lock for ever, or if the disk of the run does not
answer. Without that variable nothing happens here.
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
    """Begin to send signs of life, if this process was started by ``mxdigits launch``.

    The process ends at once when nobody reads the pipe any more: its watcher is gone.

    >>> start()  # in a process that was not launched
    """
    global _pipe
    number = os.environ.pop(HEARTBEAT, "")  # removed: child processes are not watched
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
    """Tell the launcher that the run is finished and saved, however its processes end.

    >>> tell_finished()  # in a process that was not launched
    """
    if _pipe is not None:
        _write(_pipe, b'{"finished": true}\n')


def tell_diverged() -> None:
    """Tell the launcher that the run diverged: a restart would only fail in the same way.

    >>> tell_diverged()  # in a process that was not launched
    """
    if _pipe is not None:
        _write(_pipe, b'{"diverged": true}\n')


@contextmanager
def leaving_at_once() -> Iterator[None]:
    """End a launched process without delay if the block fails.

    In a normal exit libraries wait for the other workers, which wait for this one.

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
    """Write to a disk and wait until that is done; the file has no name, so nothing remains.

    Errors are ignored: the next real write to a bad disk reports them.
    """
    with suppress(OSError, AttributeError):
        os.statvfs(folder)  # on a network file system this asks the server
        descriptor = os.open(folder, os.O_TMPFILE | os.O_WRONLY, 0o600)  # few servers support it
        try:
            os.write(descriptor, b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _write(pipe: int, line: bytes) -> None:
    try:
        os.write(pipe, line)  # pipes do not mix writes of up to 4096 bytes
    except OSError:
        os.kill(os.getpid(), signal.SIGKILL)
