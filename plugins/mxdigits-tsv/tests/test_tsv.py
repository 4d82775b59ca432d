from pathlib import Path

import numpy as np

from mxdigits import Recipe
from mxdigits.predict.predictions import write_predictions
from mxdigits.registry import EXPORTERS
from mxdigits.testing import check_plugin


def test_the_format_keeps_the_contract():
    check_plugin(EXPORTERS, "tsv")


def test_what_it_writes(tmp_path):
    prob = np.array([[0.25, 0.75], [1, 0]], np.float32)
    write_predictions(tmp_path / "some.tsv", prob, names=("minus", "plus"))
    assert (tmp_path / "some.tsv").read_text() == "0\tplus\t0.75\n1\tminus\t1\n"


def test_the_recipe_is_valid():
    assert Recipe.load(Path(__file__).parents[1] / "tsv.yaml").predictions == ("tsv",)
