"""SIGINT and SIGTERM as a wish to stop, which a run fulfils when nothing can be lost by it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Callable, Optional

from .errors import Interrupted

_NAMES = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}


class Stopper:
    """What the signals of a process come to.

    ``stop`` is called at the first signal; where there is none, :class:`Interrupted` is raised at
    whatever is being done. A second SIGINT raises KeyboardInterrupt: at once.
    """

    def __init__(self) -> None:
        self.stop: Optional[Callable[[], None]] = None
        self.received: Optional[signal.Signals] = None

    def interruption(self, what: str) -> Interrupted:
        """The error of a run that was stopped; ``what`` says where, and how to go on."""
        number = self.received or signal.SIGINT
        return Interrupted(f"{_NAMES[number]} {what}", 128 + number)

    def _handle(self, number: int, _: Any) -> None:
        again, self.received = self.received is not None, signal.Signals(number)
        if again and number == signal.SIGINT:
            raise KeyboardInterrupt
        if not again and self.stop is not None:
            self.stop()
        elif not again:
            raise self.interruption("before there was anything to keep")


@contextmanager
def stoppable() -> Iterator[Stopper]:
    """Take the signals of the process for a ``with`` block; in another thread than the main one
    Python allows nobody to, and the block runs without.
    """
    stopper = Stopper()
    if threading.current_thread() is not threading.main_thread():
        yield stopper
        return
    # Whoever started this process may have had it ignore one, as nohup and "&" in scripts do.
    heeded = [number for number in _NAMES if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, stopper._handle) for number in heeded}
    try:
        yield stopper
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
