"""Signals end a run at the next safe point (SIGINT, SIGTERM, SIGHUP) or ask for a checkpoint.

Batch systems announce a time limit by SIGUSR1 or SIGUSR2. By default either would end the process
at once; here both ask for a checkpoint.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Callable, Optional

from .errors import Interrupted

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

# The signals that stop a command, in words.
STOPPING = {
    signal.SIGINT: "interrupted",
    signal.SIGTERM: "terminated",
    signal.SIGHUP: "hung up",  # the terminal was closed, or the connection to it was lost
}
_REQUESTS = (signal.SIGUSR1, signal.SIGUSR2)
_SOON = 0.05  # seconds until a signal whose exception was lost is sent again


class Requests:
    """Whether a signal asked for a checkpoint, and which; the last signal counts.

    Example:
        >>> requests = Requests()
        >>> requests.waiting, requests.take()
        (False, '')
    """

    def __init__(self) -> None:
        self._waiting = ""

    @property
    def waiting(self) -> bool:
        """Whether there is a request that :meth:`take` has not returned yet."""
        return bool(self._waiting)

    def take(self) -> str:
        """Return the name of the signal and forget it; empty if there was none."""
        name, self._waiting = self._waiting, ""
        return name

    def _handle(self, number: int, _: object) -> None:
        # The signal is only remembered: it may come at any point of the program.
        self._waiting = signal.Signals(number).name


class Stopper:
    """Decides what the signals of a process do.

    The first signal calls the function that :meth:`tell` was given. Without one it raises
    :class:`Interrupted` at once, with the text ``meanwhile``. A second SIGINT raises
    KeyboardInterrupt. ``requests`` holds the request for a checkpoint.

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
        self._lost = False  # whether the exception of the first signal was lost

    @contextmanager
    def tell(self, stop: Callable[[], None]) -> Iterator[None]:
        """Call ``stop`` at a signal during a ``with`` block.

        A signal that came earlier calls it too: its exception may have been lost, for example in
        a destructor.
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
        return Interrupted(f"{STOPPING[number]} {what}", 128 + number)

    def _handle(self, number: int, _: object) -> None:
        again, self.received = self.received is not None, signal.Signals(number)
        if self._lost:  # this is the first signal, sent again
            self._lost = False
            if self._stop is None:  # else tell has passed it on
                raise _Stopped(self)
        elif again and number == signal.SIGINT:
            raise KeyboardInterrupt
        elif not again and self._stop is not None:
            self._stop()
        elif not again:
            raise _Stopped(self)


@contextmanager
def told_as(what: str) -> Iterator[None]:
    """Make every :class:`Interrupted` that leaves a ``with`` block say ``what``.

    For example, if a signal stops one run of several, the message is about all of them, not about
    that one run.

    Example:
        >>> with told_as("in run 2 of 3; the same command continues"):
        ...     raise Interrupted("terminated before there was anything to keep", 143)
        Traceback (most recent call last):
            ...
        mxdigits.errors.Interrupted: terminated in run 2 of 3; the same command continues
    """
    try:
        with stoppable() as stopper:
            stopper.meanwhile = what
            yield
    except Interrupted as error:
        name = STOPPING[signal.Signals(error.exit_code - 128)]
        raise Interrupted(f"{name} {what}", error.exit_code) from error


class _Stopped(KeyboardInterrupt):
    """Raised by a signal; an ``except Exception`` around a plugin's code does not catch it."""

    def __init__(self, stopper: Stopper) -> None:
        super().__init__(str(stopper.interruption(stopper.meanwhile)))
        self._stopper = stopper

    def repeat(self) -> signal.Signals:
        """Let the stopper raise this once more; return the signal to send for that."""
        self._stopper._lost = True
        return self._stopper.received or signal.SIGINT


@contextmanager
def sent_again() -> Iterator[None]:
    """Send a signal again if its exception was lost during a ``with`` block.

    In a destructor, and while garbage is collected, Python prints an exception and goes on.

    Example:
        >>> with sent_again():  # doctest: +SKIP
        ...     train()
    """
    usual = sys.unraisablehook
    main = threading.main_thread().ident or 0
    timers = []

    def take(lost: UnraisableHookArgs) -> None:
        if not issubclass(lost.exc_type, KeyboardInterrupt):
            usual(lost)
            return
        raised = lost.exc_value
        number = raised.repeat() if isinstance(raised, _Stopped) else signal.SIGINT
        # If it were sent here, this function would be the next to lose it.
        timers.append(threading.Timer(_SOON, signal.pthread_kill, [main, number]))
        timers[-1].daemon = True
        timers[-1].start()

    sys.unraisablehook = take
    try:
        yield
    finally:
        sys.unraisablehook = usual
        for timer in timers:
            timer.cancel()


def ignore_requests() -> None:
    """Keep SIGUSR1 and SIGUSR2 from ending the process while no training is running.

    Example:
        >>> ignore_requests()  # doctest: +SKIP
    """
    for number in _REQUESTS:
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _do_nothing)


def _do_nothing(number: int, _: object) -> None:
    """Ignore a signal. Unlike SIG_IGN, child processes do not inherit this."""


_UNHANDLED = (signal.SIG_DFL, _do_nothing)


@contextmanager
def stoppable() -> Iterator[Stopper]:
    """Handle the signals of the process during a ``with`` block.

    Python allows this only in the main thread; in other threads no signal is handled.

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
    # nohup, and "&" in scripts, start a process that ignores a signal; it stays ignored.
    heeded = {n: stopper._handle for n in STOPPING if signal.getsignal(n) != signal.SIG_IGN}
    # An existing handler stays, such as that of a job launcher that requeues jobs.
    heeded |= {n: stopper.requests._handle for n in _REQUESTS if signal.getsignal(n) in _UNHANDLED}
    before = {number: signal.signal(number, handler) for number, handler in heeded.items()}
    try:
        with sent_again():
            yield stopper
    except _Stopped:
        raise stopper.interruption(stopper.meanwhile) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
