"""What others raise can be told in one line, whatever it hides."""

from __future__ import annotations

import pytest
from hostile_objects import Hostile, HostileOSError, HostileText, Odd

from mxdigits.errors import PluginError
from mxdigits.foreign import describe, naming, reason_of, type_name


@pytest.mark.parametrize(
    ("make", "described", "reason"),  # pytest itself could not show what is made
    [
        (lambda: ValueError("two\n lines"), "ValueError: two lines", "two lines"),
        (ValueError, "ValueError", "ValueError"),
        (lambda: OSError(5, "It broke"), "OSError: [Errno 5] It broke", "It broke"),
        (Hostile, "Hostile: Hostile, which cannot be shown", "Hostile, which cannot be shown"),
        (HostileText, "HostileText: said", "said"),
        (lambda: HostileOSError("x"), "HostileOSError: x", "x"),
    ],
    ids=range(6),
)
def test_an_exception_can_be_told_whatever_it_hides(make, described, reason):
    error = make()
    assert describe(error) == described
    assert reason_of(error) == reason
    with pytest.raises(PluginError) as caught, naming("it"):
        raise error
    assert str(caught.value) == f"it: {described}"


def test_the_name_of_a_type_that_hides_it():
    assert [type_name(each) for each in (Odd(), Hostile(), 1)] == ["Odd", "Hostile", "int"]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("broken PNG file (chunk b'x(y')", "broken PNG file (chunk ...)"),
        ("bad checksum in b'ID\\'AT' and b\"it's\"", "bad checksum in ... and ..."),
        ("Not a gzipped file (b'mo')", "Not a gzipped file (...)"),
        ("no b at all, and no 'bytes'", "no b at all, and no 'bytes'"),
    ],
)
def test_the_bytes_that_a_library_quotes_are_left_out(said, reason):
    assert reason_of(ValueError(said)) == reason


def test_a_reason_in_bytes_is_read_as_text():
    assert reason_of(ValueError(b"too long: 12\xff")) == r"too long: 12\xff"
    error = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
    assert reason_of(error).startswith("'utf-8' codec can't decode byte 0xff")
