"""Signals end a run at the next safe point (SIGINT, SIGTERM, SIGHUP) or ask for a checkpoint.

Batch systems announce a time limit by SIGUSR1 or SIGUSR2. By default either would end the process
at once; here both ask for a checkpoint.
"""

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
_REQUESTS = (signal.SIGUSR1, signal.SIGUSR2)


class Requests:
    """Whether a checkpoint was asked for, and by which signal; the last one counts.

    Example:
        >>> requests = Requests()
        >>> requests.waiting, requests.take()
        (False, '')
    """

    def __init__(self) -> None:
        self._waiting = ""

    @property
    def waiting(self) -> bool:
        """Whether one has not been seen to yet."""
        return bool(self._waiting)

    def take(self) -> str:
        """The name of the signal, once; empty if there was none."""
        name, self._waiting = self._waiting, ""
        return name

    def _handle(self, number: int, _: Any) -> None:
        # No more than to remember it: this may come while anything else is half done.
        self._waiting = signal.Signals(number).name


class Stopper:
    """What the signals of a process come to.

    The first signal goes to whoever :meth:`tell` named; where there is nobody,
    :class:`Interrupted` is raised at whatever is being done, and says ``meanwhile``. A second
    SIGINT raises KeyboardInterrupt: at once. ``requests`` are for whoever keeps checkpoints.

    Example:
        >>> with stoppable() as stopper:
        ...     print(stopper.interruption("after epoch 3"))
        interrupted after epoch 3
    """

    def __init__(self) -> None:
        self.requests = Requests()
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


def bear_requests() -> None:
    """Keep SIGUSR1 and SIGUSR2 from ending the process where no training heeds them."""
    for number in _REQUESTS:
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _do_nothing)


def _do_nothing(number: int, _: Any) -> None:
    """In the place of SIG_IGN, which processes that are started from here would inherit."""


_UNHANDLED = (signal.SIG_DFL, _do_nothing)


@contextmanager
def stoppable() -> Iterator[Stopper]:
    """Take the signals of the process for a ``with`` block; in another thread than the main one
    Python allows nobody to, and the block runs without.

    Example:
        >>> def train(stop_requested):
        ...     return "trained"
        >>> stop = threading.Event()
        >>> with stoppable() as stopper, stopper.tell(stop.set):
        ...     train(stop.is_set)
        'trained'
    """
    stopper = Stopper()
    if threading.current_thread() is not threading.main_thread():
        yield stopper
        return
    # Whoever started this process may have had it ignore one, as nohup and "&" in scripts do.
    heeded = {n: stopper._handle for n in _NAMES if signal.getsignal(n) != signal.SIG_IGN}
    # Whoever handles these already, such as a launcher that has jobs queued again, goes on so.
    heeded |= {n: stopper.requests._handle for n in _REQUESTS if signal.getsignal(n) in _UNHANDLED}
    before = {number: signal.signal(number, handler) for number, handler in heeded.items()}
    try:
        yield stopper
    except _Stopped:
        raise stopper.interruption(stopper.meanwhile) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
