from pathlib import Path

import pytest

from mxdigits import Recipe
from mxdigits.errors import UsageError
from mxdigits.registry import AUGMENTATIONS
from mxdigits.testing import check_plugin


def test_the_augmentation_keeps_the_contract():
    check_plugin(AUGMENTATIONS, "grain", {"amount": 0.3})


@pytest.mark.parametrize("amount", [2, "much"])
def test_a_wrong_amount_is_refused(amount):
    with pytest.raises(UsageError, match=f"option amount: must be from 0 to 1, got {amount!r}"):
        AUGMENTATIONS.make("grain", {"amount": amount})


def test_the_recipe_is_valid():
    recipe = Recipe.load(Path(__file__).parents[1] / "grain.yaml")
    assert recipe.augmentation[0].name == "grain"
