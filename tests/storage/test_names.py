"""Names of files as text."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.storage.names import as_text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (b"plain.png", "plain.png"),
        ("größe 手.png".encode(), "größe 手.png"),
        (b"t\xe9.png", r"t\xe9.png"),
        (b"\xff\xfe", r"\xff\xfe"),
        (rb"t\xe9.png", r"t\xe9.png"),  # not to be told from the one above, by people either
    ],
)
def test_the_names_of_files(name, text):
    assert as_text(os.fsdecode(name)) == text


def test_half_a_surrogate_pair_that_stands_for_no_byte():
    assert as_text("\ud800.png") == r"\ud800.png"


@given(st.binary())
def test_every_name_can_be_written_as_utf8(name):
    as_text(os.fsdecode(name)).encode()


@given(st.text())
def test_text_stays_as_it_is(text):
    assert as_text(text) == text
