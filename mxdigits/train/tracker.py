"""Trackers: callbacks that send the events of a run to another program, and never stop the run.

Training does not need a tracker. So each tracker sends from a thread of its own: a slow server
does not delay a batch, and a server that is down costs one line of output.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Callable, Literal, Optional

from ..arrays import Pixels
from ..data.tiles import Tile
from ..errors import MxdigitsError
from ..foreign import describe
from ..values import Unchecked
from ..wording import Say
from .callbacks import Callback, FitStart, Progress, name_of
from .history import COLUMNS, EpochRecord
from .metrics import Scores

PATIENCE = 30.0  # seconds that a run waits at its end for a tracker that makes no progress
LITTLE_PATIENCE = 5.0  # the same for a run that a user or an error has ended

_NOT_SENT = ("epoch", "samples")  # of an epoch's record; the epoch is an argument of its own


@dataclass(frozen=True)
class RunStart:
    """A run that is about to train.

    ``name`` is its recipe's, ``folder`` its folder, ``recipe`` the recipe with every default, as
    plain values. ``evaluated_on`` says what each epoch is evaluated on: ``test``, or ``validation``
    where images are held out. ``first_epoch`` is above 0 in a run that is resumed.

    Example:
        >>> recipe = {"optimizer": {"name": "sgd", "learning_rate": 0.1}, "epochs": 10}
        >>> start = RunStart("mlp", Path("runs/mlp/20261123T153755Z-62fd27"), recipe, "test")
        >>> start.parameters["optimizer.learning_rate"], start.id
        (0.1, '20261123T153755Z-62fd27')
    """

    name: str
    folder: Path
    recipe: Mapping[str, Unchecked]
    evaluated_on: Literal["test", "validation"]
    resumed: bool = False
    first_epoch: int = 0

    @property
    def id(self) -> str:
        """A unique name of the run; a resumed run keeps it."""
        return self.folder.absolute().name

    @property
    def parameters(self) -> dict[str, Unchecked]:
        """The recipe's values by names such as ``optimizer.learning_rate``."""
        return dict(_flat(self.recipe))


@dataclass(frozen=True, eq=False)
class Misread:
    """A misread test image, uint8 (C, H, W), with its true and its predicted class.

    Example:
        >>> import numpy as np
        >>> Misread(8, np.zeros((1, 28, 28), np.uint8), true="5", said="6", confidence=0.9).caption
        'image 8: said 6 90.0 %, true 5'
    """

    number: int
    image: Pixels
    true: str
    said: str
    confidence: float

    @property
    def caption(self) -> str:
        """Both classes in one line."""
        return (
            f"image {self.number}: said {self.said} {100 * self.confidence:.1f} %, true {self.true}"
        )


@dataclass(frozen=True, eq=False)
class RunEnd:
    """A run that has ended.

    ``scores`` are those of the test set, ``report`` is the HTML page; both are None if the run was
    not finished. ``mistakes`` are the worst ones, the most confident first.

    Example:
        >>> RunEnd("interrupted").report is None
        True
    """

    state: Literal["finished", "interrupted", "failed"]
    scores: Optional[Scores] = None
    report: Optional[Path] = None
    mistakes: Sequence[Misread] = ()

    @property
    def tiles(self) -> list[Tile]:
        """The mistakes, for :func:`mxdigits.data.tiles.tile_sheet`."""
        return [
            Tile(
                [each.image if len(each.image) in (1, 3) else each.image[:1]],
                [f"image {each.number}", f"said {each.said}", f"true {each.true}"],
            )
            for each in self.mistakes
        ]


class Tracker(Callback):
    """Sends the events of a run to another program: derive from it and override three methods.

    They are called in the order below, in a thread of the tracker's own. If one of them raises, the
    user is told so in one line, no method is called any more, and the run goes on. A Trainer
    without a run calls none of them.

    Example:
        >>> class Printer(Tracker):
        ...     def begin(self, run):
        ...         print(f"{run.name} begins")
        ...     def log(self, epoch, numbers):
        ...         print(f"epoch {epoch}: {numbers['train_loss']}")
        ...     def end(self, run):
        ...         print(run.state)
        >>> tracker = Printer()
        >>> tracker.on_run_start(RunStart("mlp", Path("runs/mlp/a"), {}, "test"), say=print)
        >>> tracker.on_fit_start(FitStart(0, 1, 60000, 100))
        >>> _ = tracker.on_epoch_end(EpochRecord(0, 0.1, 100, 1.0, 100.0, 0.5, train_accuracy=0.85))
        >>> tracker.on_run_end(RunEnd("finished"))
        mlp begins
        epoch 0: 0.5
        finished
    """

    _run: Optional[RunStart] = None
    _sender: Optional[_Sender] = None

    def begin(self, run: RunStart) -> None:
        """A run begins, or is resumed; ``run`` describes it."""

    def log(self, epoch: int, numbers: Mapping[str, float]) -> None:
        """The numbers of an epoch, counted from 0: losses, accuracies, learning rate, speed.

        The names of the evaluation's numbers begin with the evaluated images: ``test_loss`` or
        ``validation_loss``, for example. Numbers that were not measured are left out.
        """

    def end(self, run: RunEnd) -> None:
        """The run has ended: its scores, its worst mistakes and its report."""

    def on_run_start(self, run: RunStart, say: Say) -> None:
        """Before the training, and before any other event."""
        self._run = run
        self._sender = _Sender(name_of(self), say)

    def on_fit_start(self, event: FitStart) -> None:
        if self._run is not None:
            self._send(partial(self.begin, replace(self._run, first_epoch=event.first_epoch)))

    def on_progress(self, event: Progress) -> None:
        if self._sender is not None:
            self._sender.tell()

    def on_epoch_end(self, record: EpochRecord) -> None:
        if self._run is not None:
            numbers = _numbers(record, self._run.evaluated_on)
            self._send(partial(self.log, record.epoch, numbers))

    def on_run_end(self, run: RunEnd) -> None:
        """After everything else; waits until all is sent, or the tracker makes no progress."""
        if self._sender is not None:
            self._send(partial(self.end, run))
            self._sender.close(PATIENCE if run.state == "finished" else LITTLE_PATIENCE)
        self._run = self._sender = None

    def _send(self, job: Callable[[], None]) -> None:
        if self._sender is not None:
            self._sender.put(job)


class _Sender:
    """A thread that does jobs one after another, until one fails."""

    def __init__(self, name: str, say: Say):
        self._name, self._say = name, say
        self._jobs: queue.SimpleQueue[Optional[Callable[[], None]]] = queue.SimpleQueue()
        self._trouble: Optional[str] = None
        self._told = False
        self._moved = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"tracker {name}", daemon=True)
        self._thread.start()

    def put(self, job: Callable[[], None]) -> None:
        self._jobs.put(job)
        self.tell()

    def tell(self) -> None:
        """If a job has failed, say so once, in the thread that trains."""
        if self._trouble is not None and not self._told:
            self._told = True
            self._say(f"{self._name}: {self._trouble}; the run goes on without this tracker")

    def close(self, patience: float) -> None:
        """Wait for all jobs, as long as one ends at least every ``patience`` seconds."""
        self._jobs.put(None)
        while self._thread.is_alive():
            self._moved.clear()
            self._thread.join(timeout=0.01)
            if self._thread.is_alive() and not self._moved.wait(patience):
                self._trouble = self._trouble or f"no answer for {patience:g} seconds"
                break
        self.tell()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except BaseException as error:  # also SystemExit, and libraries' own BaseExceptions
                told = isinstance(error, MxdigitsError)  # its message is written for people
                self._trouble = str(error) if told else describe(error)
                break
            finally:
                self._moved.set()
        self._moved.set()


def _numbers(record: EpochRecord, evaluated_on: str) -> dict[str, float]:
    values = ((name, getattr(record, name)) for name in COLUMNS if name not in _NOT_SENT)
    return {
        name.replace("validation", evaluated_on): float(value)
        for name, value in values
        if value is not None
    }


def _flat(value: Unchecked, name: str = "") -> list[tuple[str, Unchecked]]:
    """Nested sections as pairs of name and value; a list is one value, unless it holds sections."""
    if isinstance(value, Mapping):
        items = list(value.items())
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        items = list(enumerate(value))
    else:
        return [(name, value)]
    pairs = [(f"{name}.{key}" if name else str(key), each) for key, each in items]
    return [pair for key, each in pairs for pair in _flat(each, key)]
