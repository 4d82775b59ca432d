"""Options that have to be numbers."""

from __future__ import annotations

import math

import pytest

from mxdigits.train.checks import check_number, check_whole
from mxdigits.values import as_written


@pytest.mark.parametrize("value", [1, 2, 10**30])
def test_whole_numbers(value):
    check_whole("patience", value, least=1)


@pytest.mark.parametrize("value", [0, -1, 1.0, True, "1", None, math.nan])
def test_what_is_no_whole_number(value):
    with pytest.raises(ValueError, match="must be") as caught:
        check_whole("patience", value, least=1)
    assert (
        str(caught.value)
        == f"patience: must be a whole number of at least 1, got {as_written(value)}"
    )


@pytest.mark.parametrize("value", [0, 0.0, 0.5, 1, 1e300])
def test_numbers(value):
    check_number("min_delta", value)


@pytest.mark.parametrize("value", [-1, -0.5, True, "1", None, math.nan, math.inf])
def test_what_is_no_number(value):
    with pytest.raises(ValueError, match="must be") as caught:
        check_number("min_delta", value)
    assert (
        str(caught.value) == f"min_delta: must be a number of at least 0, got {as_written(value)}"
    )


@pytest.mark.parametrize("value", [1, 0.05, math.inf, math.nan])
def test_a_number_has_two_bounds(value):
    check_number("factor", 0.1, least=0.1, below=1)
    with pytest.raises(ValueError, match="must be") as caught:
        check_number("factor", value, least=0.1, below=1)
    what = f"factor: must be a number of at least 0.1 and less than 1, got {as_written(value)}"
    assert str(caught.value) == what
