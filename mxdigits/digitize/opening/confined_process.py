"""What runs in the process of a :class:`~.confined.ConfinedFunction`, and its messages.

A message is its header, a JSON object, and its content, bytes; the lengths of both come first.
The caller asks for each answer: for the first with ``call``, for those after it with ``next``.
Nothing is pickled: a process that a hostile file has taken over can send numbers and text only.
"""

from __future__ import annotations

import json
import math
import os
import resource
import signal
import struct
import sys
import traceback
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Callable, Union

import numpy as np

from ...arrays import AnyArray
from ...errors import DataError

Header = dict[str, Any]  # JSON of another process; each value is checked where it is used
Arrays = list[AnyArray]

_LENGTHS = struct.Struct(">QQ")
_MOST_HEADER = 1_000_000  # bytes: of options, of the shapes of arrays, of an error's message
_MOST_MESSAGE = 10_000  # characters of an error
_TYPES = ("|u1", "<i8", "<f4")  # of the arrays that an answer may hold


def write_message(file: IO[bytes], header: Header, content: Sequence[Any] = ()) -> None:
    """Write a message; ``content`` is bytes, arrays and the like, which go one after another.

    Example:
        >>> import io
        >>> file = io.BytesIO()
        >>> write_message(file, {"next": True})
        >>> file.getvalue()[-14:]
        b'{"next": true}'
    """
    head = json.dumps(header).encode("ascii")
    parts = [memoryview(part).cast("B") for part in content if memoryview(part).nbytes]
    file.write(_LENGTHS.pack(len(head), sum(part.nbytes for part in parts)) + head)
    for part in parts:
        file.write(part)
    file.flush()


def read_message(file: IO[bytes], most: int) -> tuple[Header, bytearray]:
    """Read a message whose content has at most ``most`` bytes.

    Raises:
        EOFError: if the other side has ended.
        ValueError: if it is no such message.

    Example:
        >>> import io
        >>> file = io.BytesIO()
        >>> write_message(file, {"next": True}, [b"abc"])
        >>> _ = file.seek(0)
        >>> read_message(file, most=10)
        ({'next': True}, bytearray(b'abc'))
    """
    head_length, length = _LENGTHS.unpack(_exactly(file, _LENGTHS.size))
    if head_length > _MOST_HEADER or length > most:
        raise ValueError(f"a message of {head_length} and {length} bytes")
    header = json.loads(_exactly(file, head_length))
    if not isinstance(header, dict):
        raise ValueError("a message without a header")
    return header, _exactly(file, length)


def arrays_of(header: Header, content: bytearray) -> Arrays:
    r"""The arrays of an answer.

    Raises:
        ValueError: if header and content do not fit each other.

    Example:
        >>> arrays_of({"arrays": [["|u1", [2]]]}, bytearray(b"\x07\x02"))
        [array([7, 2], dtype=uint8)]
    """
    arrays, place = [], 0
    for kind, shape in header["arrays"]:
        if kind not in _TYPES or min(shape, default=0) < 0:
            raise ValueError(f"an array of type {kind!r} and shape {shape}")
        array = np.frombuffer(content, kind, math.prod(shape), place).reshape(shape)
        place += array.nbytes
        arrays.append(array)
    return arrays


def serve_calls(function: str, *, cpu_seconds: int, memory: int, most_content: int) -> None:
    """Answer on standard input and output until the parent process ends.

    Args:
        function: "module:name"; see :class:`~mxdigits.digitize.opening.confined.ConfinedFunction`.
        cpu_seconds: of CPU time for an answer; the system ends a process that takes more.
        memory: bytes of address space, beyond those that the process begins with.
        most_content: bytes of a call's content.

    Example:
        >>> bounds = {"cpu_seconds": 10, "memory": 1 << 30, "most_content": 1 << 24}
        >>> serve_calls("mxdigits.digitize.picture_reader:decoded", **bounds)  # doctest: +SKIP
    """
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        # Terminals and service managers send them to the parent too, which says when this ends.
        signal.signal(number, signal.SIG_IGN)
    asked, answered = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not come between the messages
    module, _, name = function.partition(":")
    called = getattr(import_module(module), name)
    _confine(memory)
    write_message(answered, {"ready": True})
    answers: Iterator[Arrays] = iter(())
    while True:
        try:
            header, content = read_message(asked, most_content)
        except EOFError:
            return
        _allow_cpu(cpu_seconds)
        if "call" in header:
            answers = _answers(called, bytes(content), header["call"])
        del content
        reply, arrays = _next(answers)
        write_message(answered, reply, arrays)


def _answers(
    called: Callable[..., Union[Arrays, Iterator[Arrays]]], content: bytes, options: Header
) -> Iterator[Arrays]:
    answer = called(content, **options)
    if isinstance(answer, list):
        yield answer
    else:
        yield from answer


def _next(answers: Iterator[Arrays]) -> tuple[Header, Arrays]:
    """The next answer of a call, or why there is none."""
    try:
        arrays = [np.ascontiguousarray(array) for array in next(answers)]
    except StopIteration:
        return {"end": True}, []
    except DataError as error:
        return {"error": str(error)[:_MOST_MESSAGE]}, []
    except MemoryError:
        return {"memory": True}, []
    except Exception:
        return {"failed": traceback.format_exc()[-_MOST_MESSAGE:]}, []
    return {"arrays": [[array.dtype.str, array.shape] for array in arrays]}, arrays


def _confine(memory: int) -> None:
    """Bound the memory and the files of this process, even if a hostile file takes it over."""
    begun = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (begun + memory,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _allow_cpu(seconds: int) -> None:
    """Give the next answer so much CPU time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = math.ceil(used.ru_utime + used.ru_stime) + seconds
    soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def _exactly(file: IO[bytes], length: int) -> bytearray:
    content = bytearray(length)
    place = 0
    with memoryview(content) as view:
        while place < length:
            count = file.readinto(view[place:])  # type: ignore[attr-defined]
            if not count:
                raise EOFError
            place += count
    return content
