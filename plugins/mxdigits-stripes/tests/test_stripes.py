from pathlib import Path

from mxdigits import Recipe
from mxdigits.testing import check_dataset


def test_the_data_set_keeps_the_contract():
    check_dataset("stripes", sizes=(400, 100))


def test_the_options_reach_the_data_set():
    check_dataset("stripes", {"count": 50, "seed": 1}, sizes=(40, 10))


def test_the_recipe_is_valid():
    assert Recipe.load(Path(__file__).parents[1] / "stripes.yaml").data.name == "stripes"
