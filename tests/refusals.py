"""Calls that must be refused."""

from __future__ import annotations

from typing import Any, Callable

import pytest

from mxdigits.errors import MxdigitsError


def refusal(
    kind: type[MxdigitsError], call: Callable[..., Any], *arguments: Any, **given: Any
) -> str:
    """The message of the error of this kind with which a call is refused."""
    with pytest.raises(kind) as caught:
        call(*arguments, **given)
    return str(caught.value)
