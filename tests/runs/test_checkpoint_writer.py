"""When a checkpoint is kept, and what becomes of it if the disk is slow or full."""

from __future__ import annotations

import signal
import threading

import pytest
from waiting import until

from mxdigits.errors import OutputError
from mxdigits.recipe.sections import CheckpointPolicy
from mxdigits.runs.checkpoint_writer import CheckpointWriter
from mxdigits.signals import Requests
from mxdigits.train.state import TrainingState


class Disk:
    """Stands in for Checkpoints: remembers what was written, and can be slow or full."""

    def __init__(self, full: bool = False):
        self.written: list[tuple[int, int]] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.begun = threading.Event()
        self._full = full

    def write(self, state, fingerprint):
        self.begun.set()
        assert self.may_go_on.wait(300)
        if self._full:
            raise OutputError("cannot write: No space left on device")
        self.written.append((state.epoch, state.batch))


def state(epoch, batch=0):
    return TrainingState(epoch, batch, {}, {})


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (CheckpointPolicy(), [1, 2, 3, 4, 5]),
        (CheckpointPolicy(epochs=2), [2, 4, 5]),
        (CheckpointPolicy(epochs=None), [5]),
    ],
)
def test_epochs(policy, expected):
    disk = Disk()
    with CheckpointWriter(disk, policy, {}) as writer:
        for epoch in range(1, 6):
            writer.keep(state(epoch), last=epoch == 5)
            until("the disk is quick enough", lambda: writer._waiting is None)
    assert disk.written == [(epoch, 0) for epoch in expected]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (range(1, 100), [30, 60, 90]),
        (range(31, 70), [60]),  # resumed after batch 30
        (range(20, 101, 20), [40, 60, 100]),  # of a backend that queues 20 batches at once
        ([*range(1, 41), *range(1, 41)], [30, 30]),  # two epochs
        ([40, 40], [40]),  # two epochs, each at once; where the first began is not known
    ],
)
def test_batches(asked, expected):
    writer = CheckpointWriter(Disk(), CheckpointPolicy(batches=30, minutes=None), {})
    assert [batch for batch in asked if writer.due(batch)] == expected


def test_minutes_count_from_the_last_one_kept():
    now = [0.0]
    with CheckpointWriter(Disk(), CheckpointPolicy(minutes=2), {}, clock=lambda: now[0]) as writer:
        due = []
        for now[0] in range(0, 600, 50):
            if writer.due(1):
                due.append(now[0])
                writer.keep(state(0, 1), last=False)
    assert due == [150, 300, 450]


def test_neither_batches_nor_minutes():
    writer = CheckpointWriter(Disk(), CheckpointPolicy(minutes=None), {}, clock=lambda: 1e9)
    assert not any(map(writer.due, range(1, 1000)))


def test_training_does_not_wait_for_a_slow_disk_and_the_last_state_is_written():
    disk = Disk()
    disk.may_go_on.clear()
    with CheckpointWriter(disk, CheckpointPolicy(), {}) as writer:
        writer.keep(state(1), last=False)
        assert disk.begun.wait(300)
        for epoch in range(2, 6):
            writer.keep(state(epoch), last=epoch == 5)
        assert disk.written == []
        disk.may_go_on.set()
    assert disk.written == [(1, 0), (5, 0)]


def test_a_full_disk_is_told_at_the_end():
    writer = CheckpointWriter(Disk(full=True), CheckpointPolicy(), {})
    writer.__enter__()
    writer.keep(state(1), last=True)
    with pytest.raises(OutputError, match="No space left on device"):
        writer.__exit__(None, None, None)


def test_a_full_disk_ends_the_fit_at_the_next_state():
    writer = CheckpointWriter(Disk(full=True), CheckpointPolicy(), {})
    writer.__enter__()
    writer.keep(state(1), last=False)
    writer._thread.join(300)
    with pytest.raises(OutputError, match="No space left on device"):
        writer.keep(state(2), last=False)


def failing(writer, error):
    with writer:
        writer.keep(state(1), last=False)
        assert writer._checkpoints.begun.wait(300)
        raise error


def test_another_error_is_not_hidden_by_that_of_the_disk():
    with pytest.raises(ZeroDivisionError):
        failing(CheckpointWriter(Disk(full=True), CheckpointPolicy(), {}), ZeroDivisionError)


def test_an_interrupt_at_once_waits_for_nothing():
    disk = Disk()
    disk.may_go_on.clear()
    with pytest.raises(KeyboardInterrupt):
        failing(CheckpointWriter(disk, CheckpointPolicy(), {}), KeyboardInterrupt)
    assert disk.written == []
    disk.may_go_on.set()


@pytest.mark.parametrize(
    ("batch", "last", "said"),
    [
        (7, False, "SIGUSR1: keeping a checkpoint at epoch 1, batch 7; the training goes on"),
        (0, False, "SIGUSR1: keeping a checkpoint at epoch 1, batch 0; the training goes on"),
        (0, True, "SIGUSR1: keeping a checkpoint at epoch 1, batch 0"),
    ],
)
def test_one_that_was_asked_for(batch, last, said):
    disk, requests, told = Disk(), Requests(), []
    policy = CheckpointPolicy(epochs=None, minutes=None)
    with CheckpointWriter(disk, policy, {}, requests=requests, say=told.append) as writer:
        assert not writer.due(7)
        requests._handle(signal.SIGUSR1, None)
        assert writer.due(7)
        writer.keep(state(1, batch), last=last)
        assert not writer.due(8)
    assert disk.written == [(1, batch)]
    assert told == [said]
