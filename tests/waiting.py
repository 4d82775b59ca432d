"""Waiting in tests, with a limit and an error that says what was waited for."""

from __future__ import annotations

import time
from typing import Callable, TypeVar

T = TypeVar("T")


def until(what: str, get: Callable[[], T], seconds: float = 300, pause: float = 0.01) -> T:
    """Wait until another thread or process brings something about; return what ``get`` gives then.

    Args:
        what: what is waited for, for the error.
        get: asked again and again until its result is true.
        seconds: after so many the test fails.
        pause: the seconds between two questions.
    """
    deadline = time.monotonic() + seconds
    while not (got := get()):
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain: {what}"
        time.sleep(pause)
    return got
