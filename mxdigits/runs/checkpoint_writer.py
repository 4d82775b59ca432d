"""When a run keeps a checkpoint, and the thread that writes it.

The disk is slower than a short epoch, so a state is copied at once and written while the training
goes on. If a new state comes while another one still waits to be written, it replaces that one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Callable, Optional

from ..recipe.sections import CheckpointPolicy
from ..signals import Requests
from ..train.state import TrainingState
from ..wording import Say, say_nothing
from .checkpoints import Checkpoints


class CheckpointWriter:
    """Keeps checkpoints of a fit; as a context manager, it waits until the last one is written.

    Args:
        checkpoints: where they are written.
        policy: when they are kept.
        fingerprint: of the run, written into each.
        requests: signals that ask for a checkpoint at once.
        say: told of each checkpoint that a signal asked for.
        clock: returns seconds that never go back.

    >>> from pathlib import Path
    >>> checkpoints = Checkpoints(Path("runs/mine/checkpoints"))
    >>> writer = CheckpointWriter(checkpoints, CheckpointPolicy(batches=100), {})
    >>> writer.due(99), writer.due(100)
    (False, True)
    >>> with writer:  # doctest: +SKIP
    ...     trainer.fit(images, epochs=3, sink=writer)
    """

    def __init__(
        self,
        checkpoints: Checkpoints,
        policy: CheckpointPolicy,
        fingerprint: Mapping[str, object],
        *,
        requests: Optional[Requests] = None,
        say: Say = say_nothing,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._checkpoints = checkpoints
        self._policy = policy
        self._fingerprint = fingerprint
        self._requests = Requests() if requests is None else requests
        self._say = say
        self._clock = clock
        self._kept_at = clock()
        self._batch: Optional[int] = None
        self._changed = threading.Condition()
        self._waiting: Optional[TrainingState] = None
        self._closed = False
        self._failed: Optional[BaseException] = None
        # A daemon, so that the process can end at once: an unfinished checkpoint does not count.
        self._thread = threading.Thread(target=self._write, name="checkpoints", daemon=True)

    def due(self, batch: int) -> bool:
        """Whether to keep the state after ``batch`` batches of an epoch."""
        policy, before = self._policy, self._batches_before(batch)
        self._batch = batch
        if self._requests.waiting:
            return True
        if policy.batches is not None and batch // policy.batches > before // policy.batches:
            return True
        return policy.minutes is not None and self._clock() - self._kept_at >= 60 * policy.minutes

    def _batches_before(self, batch: int) -> int:
        """The batches at the last question; some backends do several batches between questions."""
        if self._batch is None:  # the epoch may have been resumed
            return batch - 1
        return self._batch if self._batch < batch else 0

    def keep(self, state: TrainingState, *, last: bool) -> None:
        """Hand a state to the writer, unless it is the end of an epoch that the policy skips.

        Raises:
            OutputError: if an earlier state could not be written.
        """
        epochs, asked = self._policy.epochs, self._requests.take()
        if not (last or asked or state.batch or (epochs is not None and state.epoch % epochs == 0)):
            return
        self._kept_at = self._clock()
        with self._changed:
            self._complain()
            self._waiting = state
            self._changed.notify_all()
        if asked:
            where = f"epoch {state.epoch}, batch {state.batch}"
            on = "" if last else "; the training goes on"
            self._say(f"{asked}: keeping a checkpoint at {where}{on}")

    def __enter__(self) -> CheckpointWriter:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            return  # a second Ctrl-C does not wait for the disk
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()
        if kind is None:
            self._complain()

    def _complain(self) -> None:
        if self._failed is not None:
            raise self._failed

    def _write(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting is not None or self._closed)
                state, self._waiting = self._waiting, None
            if state is None:
                return
            try:
                self._checkpoints.write(state, self._fingerprint)
            except BaseException as error:
                self._failed = error
                return
