"""Functions for the processes of tests/test_confined.py: one does its work, the others do not."""

from __future__ import annotations

import os
import signal
import time

import numpy as np

from mxdigits.errors import DataError


def lengths(content, *, name, times=1):
    """What was given, in every type that an answer may have."""
    print("on its standard output")
    os.write(2, b"and on its standard error")
    return [
        np.frombuffer(content, np.uint8),
        np.full((1, times), len(content), np.int64),
        np.zeros((0, 3), np.float32),
    ]


def count(content, *, name, times, last="end"):
    """Yields 0, 1, 2, ..., and at last does something else."""
    for number in range(times):
        yield [np.array([number])]
    if last != "end":
        yield globals()[last](content, name=name)


def process(content, *, name):
    return [np.array([os.getpid()])]


def refuse(content, *, name):
    raise DataError(f"{name}: is not to my taste")


def fail(content, *, name):
    raise ZeroDivisionError("a fault of mxdigits")


def spin(content, *, name):
    while content:
        pass
    return []


def spend(content, *, name):
    began = time.process_time()
    while time.process_time() < began + 0.5:
        pass
    return []


def toil(content, *, name):
    for _ in range(4):
        yield spend(content, name=name)


def sleep(content, *, name):
    time.sleep(60 if content else 0)
    return []


def crash(content, *, name):
    os.kill(os.getpid(), signal.SIGSEGV)


def leave(content, *, name):
    os._exit(7)


def fill(content, *, name):
    return [np.ones(300_000_000, np.uint8)]


def write(content, *, name):
    with open(content.decode(), "wb") as file:
        file.write(b"anything")


def much(content, *, name):
    return [np.zeros(2000, np.uint8)]


def wide(content, *, name):
    return [np.zeros(2, np.complex128)]


def none(content, *, name):
    raise MemoryError
