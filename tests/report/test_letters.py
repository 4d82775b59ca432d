"""Letters of runs: two share one exactly if they do not differ."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.report.letters import letters_of


@pytest.mark.parametrize(
    ("different", "letters"),
    [
        ([], "a a a a"),
        ([("A", "D")], "a ab ab b"),
        ([("D", "A"), ("B", "D"), ("C", "D")], "a a a b"),
        ([("A", "C"), ("A", "D"), ("B", "D")], "a ab bc c"),
        (list(combinations("ABCD", 2)), "a b c d"),
        ([("A", "B"), ("A", "C")], "a b b ab"),
    ],
)
def test_the_first_name_has_the_first_letter(different, letters):
    assert " ".join(letters_of("ABCD", different).values()) == letters


@given(st.data())
def test_two_names_share_a_letter_exactly_if_they_do_not_differ(data):
    names = [str(number) for number in range(data.draw(st.integers(1, 12)))]
    pairs = list(combinations(names, 2))
    different = data.draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    letters = letters_of(names, different)
    for pair in pairs:
        shared = set(letters[pair[0]]) & set(letters[pair[1]])
        assert bool(shared) == (pair not in different), (pair, letters)


def test_more_letters_than_there_are_become_numbers():
    names = [str(number) for number in range(60)]
    assert list(letters_of(names, list(combinations(names, 2))).values())[51:54] == [
        "52",
        "53",
        "54",
    ]
