from pathlib import Path

from mxdigits import Recipe
from mxdigits.testing import check_model


def test_the_model_keeps_the_contract():
    check_model("tiny", image_shapes=[(1, 28, 28), (3, 32, 32)])


def test_the_options_reach_the_model():
    small, large = (check_model("tiny", {"channels": channels}) for channels in (2, 4))
    assert small.figures["parameters"] < large.figures["parameters"]


def test_the_recipe_is_valid():
    assert Recipe.load(Path(__file__).parents[1] / "tiny.yaml").model.name == "tiny"
