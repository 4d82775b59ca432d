"""Recipes as texts, read, and the messages of those that are wrong."""

from __future__ import annotations

import pytest

from mxdigits.errors import RecipeError
from mxdigits.recipe.schema import Recipe

KEYS = tuple(Recipe.model_fields)
NO_NAME = (
    "must begin with a letter or digit and hold only letters, digits, '_', '.' and '-', "
    "100 at most, got"
)


def recipe(text: str, *overrides: str) -> Recipe:
    return Recipe.parse(text, source="r.yaml", overrides=overrides)


def problems(text: str, *overrides: str) -> list[str]:
    with pytest.raises(RecipeError) as caught:
        recipe(text, *overrides)
    assert caught.value.exit_code == 2
    return caught.value.lines
