"""Images that several workers cannot mix are told of before a run folder is made."""

from __future__ import annotations

import pytest

from mxdigits.errors import UsageError
from mxdigits.experiment.preparation.prepare import prepare
from mxdigits.recipe.schema import Recipe
from mxdigits.wording import say_nothing
from mxdigits.workers import Workers

pytestmark = pytest.mark.mxnet


def test_several_workers_that_would_mix_images_are_refused_early():
    """It was the Trainer that refused, and a failed run was left."""
    recipe = Recipe.make(model={"name": "mlp", "hidden": [4]}, augmentation="mixup")
    with pytest.raises(UsageError) as caught:
        prepare(recipe, (), say_nothing, workers=Workers(0, 2, "127.0.0.1:9", "127.0.0.1"))
    assert str(caught.value).startswith("augmentation: several workers cannot mix images, ")
    assert prepare(recipe, (), say_nothing).augmentation is not None
