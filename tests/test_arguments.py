"""What a notebook hands over by mistake is one line that says what to write."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mxdigits
from mxdigits.arguments import (
    as_function,
    as_items,
    as_name,
    as_number,
    as_options,
    as_path,
    as_whole,
    quoted,
)
from mxdigits.digitize import digitize, open_picture
from mxdigits.errors import MxdigitsError, UsageError
from mxdigits.registry import MODELS

ARRAY = np.zeros((28, 28))
LONG = "a" * 5000
SPLIT = mxdigits.Split(np.zeros((3, 1, 28, 28), np.uint8), np.array([0, 1, 2]))

ANYTHING = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    *(st.binary(max_size=5), st.lists(st.integers()), st.dictionaries(st.text(), st.integers())),
    *(st.just(ARRAY), st.just(object()), st.just(object), st.just(Path("x")), st.just(print)),
    *(st.just(np.int64(3)), st.just(np.float32(0.5)), st.just(np.array(2.0)), st.just(1j)),
)


def message(call, *arguments, **options) -> str:
    with pytest.raises(MxdigitsError) as caught:
        call(*arguments, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (None, "nothing"),
        (True, "true"),
        ("two\nlines", r"'two\nlines'"),
        (LONG, "a str"),
        (ARRAY, "an array of shape (28, 28)"),
        (np.float32(0.5), "0.5"),
        (np.zeros(0), "an array of shape (0,)"),
        (object(), "an object"),
        (int, "a type"),
    ],
)
def test_a_value_is_quoted_in_a_short_line(value, text):
    assert quoted(value) == text


@given(ANYTHING)
def test_whatever_is_given_is_taken_or_refused_in_a_line(value):
    calls = (
        *(lambda: as_path("it", value), lambda: as_name("it", value)),
        *(lambda: as_whole("it", value, least=1), lambda: as_number("it", value, below=1)),
        *(lambda: as_items("it", value, "things", str), lambda: as_options("it", value)),
        lambda: as_function("it", value),
    )
    said = []
    for call in calls:
        try:
            call()
        except UsageError as error:
            said.append(str(error))
    for text in said:
        assert len(text.splitlines()) == 1
        assert text.startswith("it: ")
        assert len(text) < 250


@pytest.mark.parametrize("number", [3, np.int64(3), np.uint8(3), np.array(3)])
def test_whole_numbers_may_be_numpys(number):
    assert as_whole("epochs", number, least=1) == 3
    assert type(as_whole("epochs", number, least=1)) is int


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "epochs: must be a whole number from 1 to 9, got 0"),
        (10, "epochs: must be a whole number from 1 to 9, got 10"),
        (True, "epochs: must be a whole number from 1 to 9, got true"),
        (3.0, "epochs: must be a whole number from 1 to 9, got 3.0"),
        ("3", "epochs: must be a whole number from 1 to 9, got '3'"),
        (np.array([3]), "epochs: must be a whole number from 1 to 9, got an array of shape (1,)"),
    ],
)
def test_what_is_no_whole_number(number, said):
    assert message(as_whole, "epochs", number, least=1, most=9) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "ema: must be a number above 0 and less than 1, got 1"),
        (0, "ema: must be a number above 0 and less than 1, got 0"),
        (float("nan"), "ema: must be a number above 0 and less than 1, got nan"),
        (None, "ema: must be a number above 0 and less than 1, got nothing"),
    ],
)
def test_what_is_no_number_in_the_range(number, said):
    assert message(as_number, "ema", number, below=1, above=True) == said


RECIPE = "recipe: must be a recipe, its file or the name of one, got "
NETWORK = "load: must be the name of a network, a run folder or an ONNX file, got "
DATASET = "load_dataset: the name of a data set: must be text, got "


@pytest.mark.parametrize(
    ("call", "arguments", "said"),
    [
        (mxdigits.run, (3,), f"{RECIPE}3"),
        (mxdigits.run, (None,), f"{RECIPE}nothing"),
        (
            mxdigits.run,
            ({"model": "mlp"},),
            f"{RECIPE}{{'model': 'mlp'}}; of its keys write mxdigits.Recipe.make(**keys)",
        ),
        (mxdigits.run, ("mlp", 3), "overrides: must be a list of text such as 'epochs=3', got 3"),
        (mxdigits.run, ("mlp", [3]), "overrides: each: must be text, got 3"),
        (mxdigits.resume, (3,), "resume: must be the path of a run folder, got 3"),
        (mxdigits.resume, ("",), "resume: must be the path of a run folder, got ''"),
        (mxdigits.resume, (LONG,), f"there is no run folder {LONG}"),
        (mxdigits.Recipe.load, (b"x",), f"{RECIPE}b'x'"),
        (mxdigits.load, (3,), f"{NETWORK}3"),
        (mxdigits.load, (ARRAY,), f"{NETWORK}an array of shape (28, 28)"),
        (mxdigits.load, ("",), f"{NETWORK}''"),
        (mxdigits.load, (LONG,), f"unknown network {LONG!r}; known: digits"),
        (mxdigits.load_dataset, (3,), f"{DATASET}3"),
        (mxdigits.load_dataset, (ARRAY,), f"{DATASET}an array of shape (28, 28)"),
        (
            mxdigits.load_dataset,
            (Path("nowhere"),),
            "unknown data set 'nowhere'; known: fold, folder, hands, idx, mix, mnist, npz",
        ),
        (
            mxdigits.load_dataset,
            ("",),
            "unknown data set ''; known: fold, folder, hands, idx, mix, mnist, npz",
        ),
        (
            mxdigits.load_dataset,
            ("mnist", 3),
            "the options of data set 'mnist': must be a mapping such as {'seed': 1}, got 3",
        ),
        (
            mxdigits.load_dataset,
            ("mnist", {3: 1}),
            "the options of data set 'mnist': the name of an option is text, got 3",
        ),
        (
            partial(mxdigits.build_augmentation, image_shape=(1, 28, 28)),
            (3, {}),
            "the augmentation's name: must be text, got 3",
        ),
        (
            mxdigits.register_model,
            (print,),
            "the model's name: must be text, got a builtin_function_or_method; write its name in "
            "brackets",
        ),
        (
            mxdigits.register_model("arguments"),
            (3,),
            "model 'arguments': must be what makes one, such as a class, got 3",
        ),
        (MODELS.make, (None, {}), "the model's name: must be text, got nothing"),
        (
            SPLIT.__getitem__,
            (1,),
            "a Split of 3 images is indexed by a slice or by an array of places or of true and "
            "false, got 1; of one image write [1:2]",
        ),
        (
            SPLIT.__getitem__,
            ([7],),
            "a Split of 3 images is indexed by a slice or by an array of places or of true and "
            "false, got [7]",
        ),
        (
            open_picture,
            (ARRAY,),
            "the picture: must be a file's path, its bytes or an open file, got an array of shape "
            "(28, 28)",
        ),
        (
            digitize,
            ([[0, 1], [1]],),
            "a picture is an array (H, W) of numbers, got list; "
            "mxdigits.digitize.open_picture(path) reads one from a file",
        ),
    ],
)
def test_wrong_things_for_public_functions(call, arguments, said):
    assert message(call, *arguments) == said


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"output": 3}, "output: must be a path, got 3"),
        ({"callbacks": [3]}, "callbacks: each must be a Callback, got 3"),
        ({"callbacks": [mxdigits.Callback]}, "callbacks: Callback is a class; write Callback()"),
        (
            {"callbacks": mxdigits.Callback()},
            "callbacks: must be a list of callbacks; write [callback]",
        ),
        ({"say": 3}, "say: must be a function, such as print, got 3"),
    ],
)
def test_what_a_run_is_told_is_checked_before_anything_is_read(keys, said):
    assert message(mxdigits.run, "mlp", data={"name": "idx", "path": "no"}, **keys) == said


def test_keys_of_a_recipe_may_be_numbers_of_numpy_and_paths(tmp_path):
    found = message(
        mxdigits.run, "mlp", seed=np.int64(3), data={"name": "idx", "path": tmp_path / "no"}
    )
    assert found == f"{tmp_path / 'no'}: no such folder"
