"""A run that names a backend which is missing here says how another one goes on with it."""

from __future__ import annotations

import pytest

from mxdigits.errors import BackendMissing
from mxdigits.experiment.preparation import recipe_devices
from mxdigits.experiment.preparation.recipe_devices import naming_another_backend
from mxdigits.recipe.schema import Recipe

COMMAND = "mxdigits resume runs/mlp/a {backend} --allow-changes"


@pytest.mark.parametrize(
    ("named", "here", "said"),
    [
        (
            "xla",
            ["torch"],
            "JAX is missing; or, by torch, which is here: "
            "mxdigits resume runs/mlp/a backend=torch --allow-changes",
        ),
        (
            "xla",
            ["mxnet", "torch"],
            "JAX is missing; or, by mxnet, which is here: "
            "mxdigits resume runs/mlp/a backend=mxnet --allow-changes",
        ),
        ("xla", [], "JAX is missing"),
        ("xla", ["xla", "torch"], "JAX is missing"),  # something else of it is
        ("auto", ["torch"], "JAX is missing"),
        (["xla", "mxnet"], ["torch"], "JAX is missing"),
    ],
)
def test_another_backend_is_named(monkeypatch, named, here, said):
    monkeypatch.setattr(recipe_devices, "version_of", lambda name: "1" if name in here else "")
    recipe = Recipe.make(model="mlp", backend=named)
    with pytest.raises(BackendMissing) as caught, naming_another_backend(recipe, COMMAND):
        raise BackendMissing("JAX is missing")
    assert str(caught.value) == said
