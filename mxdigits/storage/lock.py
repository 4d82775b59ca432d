"""One writer per folder: a lock that the kernel frees when its owner dies for any reason.

It is an ``flock`` on the file ``.lock``. The content of that file is only for messages: it may be
old, and it decides nothing if the file system has locks. The file is never deleted, because then
two processes could lock two files of the same name.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Optional

from ..errors import FolderInUse, OutputError
from ..wording import Say, say_nothing

LOCK = ".lock"

# Asking for the owner takes the lock for a moment, which is no reason to refuse a run.
_TRIES = 25
_PAUSE = 0.02  # seconds

_UNSUPPORTED = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}

_held: set[_Lock] = set()


@dataclass(frozen=True)
class Owner:
    """Who holds a lock; a field is empty if the file does not tell it.

    Example:
        >>> print(Owner(4711, "box", "2026-01-02T03:04:05Z"))
        process 4711 on box since 2026-01-02T03:04:05Z
    """

    process: int = 0
    host: str = ""
    since: str = ""

    def __str__(self) -> str:
        if not self.process:
            return "another process"
        return f"process {self.process} on {self.host} since {self.since}"


@contextmanager
def hold(folder: Path, say: Say = say_nothing) -> Iterator[None]:
    """Be the only writer of a folder during a ``with`` block.

    Threads of one process exclude each other as processes do. A forked child does not inherit the
    lock: it ends with this process, and with this block.

    Args:
        folder: an existing folder that can be written to.
        say: told if the file system has no locks; the block then runs without one.

    Raises:
        FolderInUse: if another process or thread holds it; says which.
        OutputError: if the folder is missing or cannot be written to.

    Example:
        >>> with hold(Path(".")):
        ...     owner(Path(".")).process == os.getpid()
        True
    """
    lock = _take(folder, say)
    _held.add(lock)
    try:
        yield
    finally:
        _held.discard(lock)
        lock.release()


def owner(folder: Path) -> Optional[Owner]:
    """Return who holds a folder now, or None; the folder stays unchanged.

    If the lock may not be read, the answer is an unknown owner.

    Example:
        >>> owner(Path(".")) is None
        True
    """
    try:
        descriptor = os.open(folder / LOCK, os.O_RDONLY | _FLAGS)
    except PermissionError:
        return Owner()
    except OSError:  # no folder, no lock, or a link: nobody can hold it
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None
    except OSError as error:
        holder = _read(descriptor)
        if error.errno in _UNSUPPORTED:
            return holder if holder.process and _may_live(holder) else None
        return holder
    finally:
        os.close(descriptor)


# A link could lead out of the folder; a pipe could make us wait.
_FLAGS = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class _Lock:
    """A descriptor that is locked, in the process that locked it."""

    def __init__(self, descriptor: int):
        self.descriptor: Optional[int] = descriptor

    def release(self) -> None:
        if self.descriptor is not None:
            with suppress(OSError):  # a full disk, or one that is gone
                os.ftruncate(self.descriptor, 0)
            with suppress(OSError):  # unlock it: a copy of the descriptor may stay open
                fcntl.flock(self.descriptor, fcntl.LOCK_UN)
            self.abandon()

    def abandon(self) -> None:
        """Close it; another process that has the descriptor keeps the lock."""
        if self.descriptor is not None:
            os.close(self.descriptor)
        self.descriptor = None


def _take(folder: Path, say: Say) -> _Lock:
    for _ in range(_TRIES):
        try:
            descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | _FLAGS, 0o644)
        except OSError as error:
            raise OutputError(f"cannot lock the run folder {folder}: {error.strerror}") from None
        try:
            if _try_to_lock(descriptor, folder, say):
                _write(descriptor)
                return _Lock(descriptor)
            holder = _read(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        time.sleep(_PAUSE)
    raise FolderInUse(f"the run folder {folder} is in use by {holder}")


def _try_to_lock(descriptor: int, folder: Path, say: Say) -> bool:
    """Lock a descriptor; return false if another has the lock, or has just deleted the file."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise OutputError(f"cannot lock the run folder {folder}: {error.strerror}") from None
        say(
            f"the file system of {folder} has no locks ({error.strerror}): "
            "nothing keeps a second process from writing there"
        )
    status = os.fstat(descriptor)
    # If the file has a second name, it would be overwritten there too.
    if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
        what = f"{LOCK} must be a plain file without a second name"
        raise OutputError(f"cannot lock the run folder {folder}: {what}")
    # Some file systems do not count names: 0 names need not mean that the file was deleted.
    return status.st_nlink == 1 or _is_there(folder / LOCK, status)


def _is_there(file: Path, status: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.lstat(file), status)
    except OSError:
        return False


def _write(descriptor: int) -> None:
    since = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    line = json.dumps(asdict(Owner(os.getpid(), os.uname().nodename, since))) + "\n"
    with suppress(OSError):  # the lock works without the text
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, line.encode(), 0)


def _read(descriptor: int) -> Owner:
    """Read a lock file; anybody may have written it, so only the expected content is used."""
    try:
        written = json.loads(os.pread(descriptor, 1000, 0))
        owner = Owner(int(written["process"]), str(written["host"]), str(written["since"]))
    except (OSError, ArithmeticError, ValueError, LookupError, TypeError, RecursionError):
        return Owner()
    plain = re.fullmatch(r"[\w.-]+ [\w:-]+", f"{owner.host} {owner.since}", re.ASCII)
    return owner if plain and owner.process > 0 else Owner()


def _may_live(owner: Owner) -> bool:
    if owner.host != os.uname().nodename:
        return True
    try:
        os.kill(owner.process, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


def _after_fork() -> None:
    """Drop the locks in a forked child: it could keep them after its parent's death."""
    for lock in _held:
        lock.abandon()
    _held.clear()


os.register_at_fork(after_in_child=_after_fork)
