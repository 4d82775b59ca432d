"""What became of workers."""

from __future__ import annotations

import pytest

from mxdigits.sweep.worker_pool import Ended


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (-9, "its process was ended by SIGKILL"),
        (3, "its process ended with exit code 3"),
    ],
)
def test_why_a_worker_ended(code, why):
    assert Ended("a", code, "").why == why
