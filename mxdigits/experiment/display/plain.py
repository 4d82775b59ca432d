"""The display of a run in lines, for logs and pipes; and the interface of all displays."""

from __future__ import annotations

import sys
from typing import IO, Optional

from ...printing import encodable, printable
from ...train.callbacks import Callback, EpochStart, Progress
from ...train.history import EpochRecord


class Speedometer(Callback):
    """A display of a run: use it in a ``with`` statement, and give it to ``fit`` as a callback.

    >>> with PlainSpeedometer() as display:
    ...     display.note("context: cpu(0)")
    ...     # trainer.fit(..., callbacks=[display])
    context: cpu(0)
    """

    def __enter__(self) -> Speedometer:
        return self

    def __exit__(self, *exception: object) -> None:
        """Remove the bars, and leave the lines that are meant to stay."""

    def note(self, text: str) -> None:
        """Show a line that stays, above the bars if there are any."""
        raise NotImplementedError


class PlainSpeedometer(Speedometer):
    r"""The lines of ``mx.callback.Speedometer`` and ``Module.fit``, for logs and pipes.

    ::

        Epoch[0] Batch [0-100]\tSpeed: 57268.64 samples/sec\taccuracy=0.971700
        Epoch[0] Train-accuracy=0.951234
        Epoch[0] Time cost=1.234
        Epoch[0] Validation-accuracy=0.967100

    A batch line comes with the first progress that is ``every`` batches or more past the previous
    line. It states its true range, and its speed and accuracy are those of that range. The few
    batches left at the end of an epoch get no line: the ``Train-accuracy`` that follows includes
    them. An epoch that is too short for a batch line gets one for all of its batches, so that every
    epoch shows its speed.

    >>> speedometer = PlainSpeedometer(sys.stdout, every=100)
    >>> speedometer.on_epoch_start(EpochStart(0, 0.1))
    >>> event = Progress(0, 100, 10000, 0.5, 4087.0, 8821)
    >>> speedometer.on_progress(event)  # doctest: +NORMALIZE_WHITESPACE
    Epoch[0] Batch [0-100] Speed: 20000.00 samples/sec accuracy=0.882100
    """

    def __init__(self, stream: Optional[IO[str]] = None, *, every: int = 100):
        self._stream: Optional[IO[str]] = sys.stdout if stream is None else stream
        self._every = every
        self._printed = self._latest = _nothing_of(0)

    def on_epoch_start(self, event: EpochStart) -> None:
        self._printed = self._latest = _nothing_of(event.epoch)

    def on_progress(self, event: Progress) -> None:
        self._latest = event
        if event.batch - self._printed.batch >= self._every:
            self._print_batches()

    def on_epoch_end(self, record: EpochRecord) -> None:
        if self._printed.batch == 0 < self._latest.batch:
            self._print_batches()
        epoch = f"Epoch[{record.epoch}]"
        self.note(f"{epoch} Train-accuracy={record.train_accuracy:f}")
        self.note(f"{epoch} Time cost={record.seconds:.3f}")
        if record.validation_accuracy is not None:
            self.note(f"{epoch} Validation-accuracy={record.validation_accuracy:f}")
        if record.validation_ema_accuracy is not None:
            self.note(f"{epoch} Validation-ema-accuracy={record.validation_ema_accuracy:f}")

    def note(self, text: str) -> None:
        if self._stream is None:
            return
        try:
            line = printable(text, keep="\t") + "\n"
            self._stream.write(encodable(line, getattr(self._stream, "encoding", None)))
            self._stream.flush()  # for readers that follow the log
        except OSError:  # a reader that has left, or a full disk, must not end the training
            self._stream = None

    def _print_batches(self) -> None:
        part = self._latest.since(self._printed)
        self.note(
            f"Epoch[{part.epoch}] Batch [{self._printed.batch}-{self._latest.batch}]"
            f"\tSpeed: {part.samples_per_second:.2f} samples/sec\taccuracy={part.accuracy:f}"
        )
        self._printed = self._latest


def _nothing_of(epoch: int) -> Progress:
    return Progress(epoch, batch=0, samples=0, seconds=0.0, loss_sum=0.0, correct=0)
