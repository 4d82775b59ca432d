"""When Python looks for garbage."""

from __future__ import annotations

import gc

import pytest

from mxdigits import garbage


@pytest.fixture
def usual():
    """The thresholds, with all as it was afterwards."""
    before = gc.get_threshold()
    yield before
    gc.set_threshold(*before)
    gc.unfreeze()


def test_garbage_is_looked_for_once_many_objects_are_made(usual, monkeypatch):
    monkeypatch.setattr(garbage, "AT_START", 5000)
    callbacks = [*gc.callbacks]
    with garbage.looked_for_late():
        assert gc.get_threshold() == (5000, *usual[1:])
        kept = [[] for _ in range(6000)]
        assert gc.get_threshold() == usual
        assert gc.get_freeze_count() >= len(kept) / 2
        assert gc.callbacks == callbacks
    assert gc.isenabled()


def test_what_is_left_at_the_end_is_not_looked_at(usual):
    with pytest.raises(SystemExit), garbage.looked_for_late():
        raise SystemExit
    assert gc.get_freeze_count() > 0
    gc.collect()
    assert gc.get_threshold() == usual
