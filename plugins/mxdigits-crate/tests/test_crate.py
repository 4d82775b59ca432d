from pathlib import Path

from mxdigits_crate import CrateFormat

from mxdigits import Recipe
from mxdigits.registry import NETWORK_FORMATS
from mxdigits.testing import check_plugin


def test_the_format_keeps_the_contract():
    check_plugin(NETWORK_FORMATS, "crate")


def test_where_it_writes():
    target = Path("digits.npz")
    assert CrateFormat().files(target) == (target,)


def test_the_recipe_is_valid():
    assert Recipe.load(Path(__file__).parents[1] / "crate.yaml").model.name == "mlp"
