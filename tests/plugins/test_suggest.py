"""What to write instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.plugins.suggest import nearest


@pytest.mark.parametrize(
    ("name", "known", "phrase"),
    [
        ("lennet", ["mlp", "lenet"], "did you mean 'lenet'?"),
        ("LENET", ["mlp", "lenet"], "did you mean 'lenet'?"),
        ("lenet", ["mlp", "LeNet"], "did you mean 'LeNet'?"),
        ("learning-rate", ["wd", "learning_rate"], "did you mean 'learning_rate'?"),
        ("mpl", ["mlp", "lenet"], "did you mean 'mlp'?"),
        ("mlpp", ["mlp", "lenet"], "did you mean 'mlp'?"),
        ("lent", ["mlp", "lenet"], "did you mean 'lenet'?"),
        ("lemet", ["mlp", "lenet"], "did you mean 'lenet'?"),
        ("rotate", ["shear", "rotation"], "did you mean 'rotation'?"),
        ("styl", ["styles", "style"], "did you mean 'style'?"),
        ("zebra", ["mlp", "lenet"], "known: lenet, mlp"),
        ("resnet", ["mlp", "lenet"], "known: lenet, mlp"),
        ("epochs", ["report", "output"], "known: output, report"),
        ("lr", ["lrs", "help"], "known: help, lrs"),
        ("tsv", ["csv", "npz"], "known: csv, npz"),
        ("", ["mlp", "lenet"], "known: lenet, mlp"),
        ("zebra", {"one": 1}, "known: one"),
        ("zebra", [], "none are known"),
        ("ziffer_grün", ["ziffer_gruen", "x"], "did you mean 'ziffer_gruen'?"),
    ],
)
def test_nearest(name, known, phrase):
    assert nearest(name, known) == phrase


def test_known_may_be_an_iterator():
    assert nearest("x", iter(["beta", "alpha"])) == "known: alpha, beta"


@given(st.sets(st.text(min_size=1), min_size=1))
def test_a_known_name_is_the_nearest_to_itself(known):
    name = min(known)
    twins = [each for each in known if each.lower() == name.lower()]
    assert nearest(name, known) in [f"did you mean {each!r}?" for each in twins]
