"""SIGINT, SIGTERM and SIGHUP as a wish to stop, fulfilled when nothing can be lost by it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Callable, Optional

from .errors import Interrupted

_NAMES = {
    signal.SIGINT: "interrupted",
    signal.SIGTERM: "terminated",
    signal.SIGHUP: "hung up",  # the terminal was closed, or the connection to it was lost
}


class Stopper:
    """What the signals of a process come to.

    The first signal goes to whoever :meth:`tell` named; where there is nobody,
    :class:`Interrupted` is raised at whatever is being done, and says ``meanwhile``. A second
    SIGINT raises KeyboardInterrupt: at once.
    """

    def __init__(self) -> None:
        self.meanwhile = "before there was anything to keep"
        self.received: Optional[signal.Signals] = None
        self._stop: Optional[Callable[[], None]] = None

    @contextmanager
    def tell(self, stop: Callable[[], None]) -> Iterator[None]:
        """Have ``stop`` called at a signal within a ``with`` block, also at one that came before:
        what was raised then may have been lost, as in a destructor.
        """
        self._stop = stop
        if self.received is not None:
            stop()
        try:
            yield
        finally:
            self._stop = None

    def interruption(self, what: str) -> Interrupted:
        """The error of a run that was stopped; ``what`` says where, and how to go on."""
        number = self.received or signal.SIGINT
        return Interrupted(f"{_NAMES[number]} {what}", 128 + number)

    def _handle(self, number: int, _: Any) -> None:
        again, self.received = self.received is not None, signal.Signals(number)
        if again and number == signal.SIGINT:
            raise KeyboardInterrupt
        if not again and self._stop is not None:
            self._stop()
        elif not again:
            raise _Stopped(str(self.interruption(self.meanwhile)))


class _Stopped(KeyboardInterrupt):
    """A signal on its way out, past whoever takes any Exception for a plugin's."""


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
    except _Stopped:
        raise stopper.interruption(stopper.meanwhile) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
