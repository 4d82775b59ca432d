"""Run by ``python -m`` in a fresh process: loads one plugin and reports the effects.

The request is JSON: ``target`` (module:object), ``path`` (for ``sys.path``), ``report`` (the file
to write), and ``options`` if the object is to be called as a data set to get its digest.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TypedDict

from ..foreign import describe, type_name

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
_FILES = {"os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink", "os.truncate"}
_NETWORK = {"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname"}
_PROCESSES = {"subprocess.Popen", "os.system", "os.fork", "os.posix_spawn", "os.exec"}


class Request(TypedDict, total=False):
    """The request to the process; with ``options`` the target is to be called.

    >>> Request(target="mxdigits_tiny:TinyConv", report="report.json")["target"]
    'mxdigits_tiny:TinyConv'
    """

    target: str
    path: list[str]
    report: str
    options: dict[str, object]


class Watch:
    """Python's audit events during a ``with`` block that show use of files, network or processes.

    >>> import tempfile
    >>> with Watch() as watch:
    ...     tempfile.TemporaryFile().close()
    >>> len(watch.files) > 0
    True
    """

    def __init__(self) -> None:
        self.files: list[str] = []
        self.network: list[str] = []
        self.processes: list[str] = []
        self._on = False
        sys.addaudithook(self._note)

    def __enter__(self) -> Watch:
        self._on = True
        return self

    def __exit__(self, *_: object) -> None:
        self._on = False

    def _note(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self._on:
            return
        first = str(arguments[0]) if arguments else ""
        if event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES:
            if not isinstance(arguments[0], int) and first != os.devnull:
                self.files.append(f"open {first}")
        elif event in _FILES:
            self.files.append(f"{event} {first}")
        elif event in _NETWORK:
            self.network.append(f"{event} {arguments[1:2] or first}")
        elif event in _PROCESSES:
            self.processes.append(f"{event} {first}")


@contextmanager
def _captured(file: Path) -> Iterator[None]:
    """Send everything that is printed to a file, even what libraries print past Python."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(1), os.dup(2)]
    with open(file, "wb") as sink:
        os.dup2(sink.fileno(), 1)
        os.dup2(sink.fileno(), 2)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, saved in zip((1, 2), kept):
            os.dup2(saved, number)


def load(request: Request) -> dict[str, object]:
    """Import the target and report the effects; with the key ``error`` if the import fails.

    >>> request = Request(target="mxdigits_tiny:TinyConv", report="report.json")
    >>> load(request)["files"]  # doctest: +SKIP
    """
    from ..backends.mxnet.runtime import mxnet_importable
    from .effects import changes, seeds_kept, settings

    outcome: dict[str, object] = {}

    def work() -> None:
        began = time.perf_counter()
        try:
            with mxnet_importable():
                factory = EntryPoint("it", request["target"], "it").load()
            outcome["type"] = "" if callable(factory) else type_name(factory)
        except BaseException as error:
            outcome["error"] = describe(error)
        outcome["seconds"] = time.perf_counter() - began

    settings()  # the first call itself may add settings, by its imports
    before, threads = settings(), set(threading.enumerate())
    printed = Path(request["report"]).with_suffix(".printed")
    watch = Watch()
    with _captured(printed), watch:
        outcome["seeds"] = seeds_kept(work)
    return {
        **outcome,
        "printed": printed.read_text(encoding="utf-8", errors="replace"),
        "threads": [t.name for t in threading.enumerate() if t not in threads],
        "files": watch.files,
        "network": watch.network,
        "processes": watch.processes,
        "settings": changes(before, settings()),
    }


def digest(request: Request) -> dict[str, object]:
    """Call the target as a data set, under other seeds than the parent's.

    >>> digest({"target": "mxdigits_stripes:stripes", "options": {"count": 50}})  # doctest: +SKIP
    """
    from ..backends.mxnet.runtime import mxnet_importable, seed_everything
    from ..data.making import make_dataset
    from .digests import digest_of

    with mxnet_importable():
        factory = EntryPoint("it", request["target"], "it").load()
    seed_everything(22)
    try:
        return {"digest": digest_of(make_dataset("it", factory(**request["options"])))}
    except BaseException as error:
        return {"error": describe(error)}


def main() -> None:
    """Do what the request in the first argument asks: ``python -m mxdigits.testing.probe``.

    Example:
        >>> main()  # doctest: +SKIP
    """
    from ..backends.mxnet.runtime import import_mxnet, mxnet_installed

    request = json.loads(sys.argv[1])
    sys.path[:] = request["path"]
    if mxnet_installed():
        import_mxnet()
    report = digest(request) if "options" in request else load(request)
    Path(request["report"]).write_text(json.dumps(report), encoding="utf-8")


if __name__ == "__main__":
    main()
