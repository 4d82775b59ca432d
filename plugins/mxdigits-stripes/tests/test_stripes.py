from pathlib import Path

import pytest

from mxdigits import Recipe, load_dataset
from mxdigits.errors import UsageError
from mxdigits.testing import check_dataset


def test_the_data_set_keeps_the_contract():
    check_dataset("stripes", sizes=(400, 100))


def test_the_options_reach_the_data_set():
    check_dataset("stripes", {"count": 50, "seed": 1}, sizes=(40, 10))


def test_wrong_options_are_refused():
    with pytest.raises(UsageError, match="option count: must be a whole number from 10 on, got 9"):
        load_dataset("stripes", {"count": 9})


def test_the_recipe_is_valid():
    assert Recipe.load(Path(__file__).parents[1] / "stripes.yaml").data.name == "stripes"
