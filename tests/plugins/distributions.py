"""The group in which fake distributions offer models, and what is said of a wrong one."""

from __future__ import annotations

import pytest

from mxdigits.errors import MxdigitsError

GROUP = "mxdigits_tests.models"


def refusal(kind: type[MxdigitsError], call, *arguments, **options) -> str:
    with pytest.raises(kind) as caught:
        call(*arguments, **options)
    assert type(caught.value) is kind
    assert len(caught.value.lines) == 1
    return str(caught.value)
