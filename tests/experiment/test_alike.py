"""Whether two workers would train the same."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from mxdigits.errors import UsageError
from mxdigits.experiment import following

FIRST = {
    "recipe": {"epochs": 2},
    "device": {"processor": "A"},
    "versions": {"numpy": "1.26.4", "python": "3.11.7"},
}


def check(monkeypatch, own):
    """Compare a worker with worker 0; another worker finds nothing."""
    monkeypatch.setattr(following, "first_decides", lambda team, found: FIRST)
    team = SimpleNamespace(rank=1, gathered=lambda row: np.array([[0.0], row]))
    following._check_alike(team, SimpleNamespace(fingerprint={**FIRST, **own}))


@pytest.mark.parametrize(
    "own",
    [
        {},
        {"device": {"processor": "B"}},
        {"versions": {"numpy": "1.26.4", "python": "3.10.12"}},
    ],
)
def test_what_may_differ(monkeypatch, own):
    check(monkeypatch, own)


@pytest.mark.parametrize(
    ("own", "said"),
    [
        (
            {"versions": {"numpy": "1.25.0", "python": "3.10.12"}},
            "versions.numpy is 1.25.0, was 1.26.4",
        ),
        ({"recipe": {"epochs": 3}}, "recipe.epochs is 3, was 2"),
    ],
)
def test_what_may_not_differ(monkeypatch, own, said):
    with pytest.raises(UsageError) as caught:
        check(monkeypatch, own)
    message = f"worker 1 would train something else than worker 0: {said}"
    assert str(caught.value) == message
