"""Corrected digits: where they are, and the recipe with which a network learns from them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..data.idx_folder import holds_idx
from ..data.mix import share_of
from ..data.parts import MIX, OWN, in_full, part_problems
from ..digitize.preprocessing import MNIST
from ..errors import UsageError
from ..predict.opening import trained_preprocessing
from ..recipe.environment import protect_paths
from ..recipe.schema import Recipe
from ..runs.trained import TrainedNetwork
from ..storage.strict_yaml import dump, parse
from ..values import Unchecked

# docs/serve.md says which other values were tried.
SHARE = 0.05
EPOCHS = 3

# The least rate, as a share of the recipe's: the rate at a run's end may be lower.
_LEAST_RATE = 0.3

# The keys that learning itself sets.
_SET = ("init", "data.name", "data.parts")


@dataclass(frozen=True)
class Start:
    """A run to start from: its folder, its recipe, its record, and the rate of its last epoch.

    >>> recipe = Recipe.make(model="mlp", init="runs/mlp/20261123T153755Z-62fd27")
    >>> from mxdigits.runs.trained import NetworkForm, TrainedOn
    >>> network = NetworkForm((1, 28, 28), tuple("0123456789"))
    >>> trained = TrainedNetwork(TrainedOn("mnist"), network)
    >>> Start(Path("runs/mlp/20261123T153755Z-62fd27"), recipe, trained, last_rate=0.1).last_rate
    0.1
    """

    path: Path
    recipe: Recipe
    trained: TrainedNetwork
    last_rate: float


def as_part(given: str, trained: TrainedNetwork) -> dict[str, object]:
    """Corrections as a part of a mix.

    Args:
        given: a folder of pictures or of IDX files, or a data set as a recipe writes it:
            ``{name: idx, path: mine, transpose: true}``.
        trained: the network's description, which says what form of pictures it takes.

    Raises:
        UsageError: if ``given`` is neither.

    >>> from mxdigits.runs.trained import NetworkForm, TrainedOn
    >>> network = NetworkForm((1, 28, 28), tuple("0123456789"))
    >>> trained = TrainedNetwork(TrainedOn("mnist"), network)
    >>> as_part("{name: mnist}", trained)
    {'name': 'mnist'}
    """
    if given.lstrip().startswith("{"):
        part = dict(parse(given, "corrections").value)
        for path, what in part_problems(["mnist", part]):
            where = "".join(f" {key}:" for key in path[1:])
            raise UsageError(f"corrections:{where} {what}")
        if given_weight := [key for key in OWN if key in part]:
            raise UsageError(
                f"corrections: {given_weight[0]}: leave it out; --share says how much of the "
                "training images they make"
            )
    elif os.path.isdir(os.path.expanduser(given)):
        folder = Path(os.path.expanduser(given))
        part = {"name": "idx" if holds_idx(folder) else "folder", "path": given}
    else:
        raise UsageError(
            f"there is no folder {given}; write a folder of pictures sorted by what they show, as "
            "serve --store keeps them, or a data set as in a recipe: '{name: idx, path: mine}'"
        )
    part = in_full(part)
    if part["name"] == "folder":
        form = {} if trained_preprocessing(trained).name == MNIST else {"digitize": False}
        part = {**part, "test_share": 0, **form, **part}
    return {"name": part.pop("name"), **part}


def check_are_others(part: Mapping[str, object], recipe: Recipe, run: Path) -> None:
    """Refuse corrections that are the very data set that a run was trained on and is tested with.

    Raises:
        UsageError: saying how to train the run further.

    >>> mine = {"name": "folder", "path": "mine"}
    >>> check_are_others(mine, Recipe.make(model="mlp", data=mine), Path("runs/mlp/a"))
    Traceback (most recent call last):
        ...
    mxdigits.errors.UsageError: corrections: mine is what runs/mlp/a was trained on; name ...
    """
    if _same(part, _parts(recipe.data.name, recipe.data.options)[0]):
        raise UsageError(
            f"corrections: {part.get('path', part['name'])} is what {run} was trained on; name "
            "pictures that it has not learnt from, or train it further by mxdigits resume "
            f"{run} --epochs {recipe.epochs + EPOCHS}"
        )


def learnt_from(recipe: Recipe, part: Mapping[str, object]) -> bool:
    """Whether the training data of a recipe already contain these corrections.

    >>> mine = {"name": "idx", "path": "mine"}
    >>> recipe = Recipe.make(model="mlp", data={"name": "mix", "parts": ["mnist", mine]})
    >>> learnt_from(recipe, mine), learnt_from(recipe, {"name": "idx", "path": "others"})
    (True, False)
    """
    return any(_same(part, each) for each in _parts(recipe.data.name, recipe.data.options))


def recipe_with(
    start: Start,
    part: Mapping[str, object],
    images: tuple[int, int],
    *,
    share: float = SHARE,
    overrides: Sequence[str] = (),
) -> Recipe:
    """The recipe with which the network of a run also learns from corrections.

    Args:
        start: that run.
        part: the corrections, as a part of a mix.
        images: the number of the run's training images, and the number of corrections.
        share: the corrections' share of all training images; if they are more than that, each
            comes once.
        overrides: of the recipe, ``key=value``.

    Raises:
        UsageError: if an override is of a key that only learning can set.
        RecipeError: if the recipe is invalid with the overrides.

    >>> from mxdigits.runs.trained import NetworkForm, TrainedOn
    >>> network = NetworkForm((1, 28, 28), tuple("0123456789"))
    >>> trained = TrainedNetwork(TrainedOn("mnist"), network)
    >>> start = Start(Path("runs/mlp/a"), Recipe.make(model="mlp"), trained, last_rate=0.1)
    >>> part = {"name": "folder", "path": "mine", "test_share": 0}
    >>> recipe = recipe_with(start, part, (60000, 28))
    >>> recipe.data.options["parts"][1]["share"], recipe.epochs, recipe.schedule.name
    (0.05, 3, 'cosine')
    """
    for each in overrides:
        key = each.partition("=")[0].strip()
        if key in (*_SET, "data"):
            raise UsageError(f"override {each}: {key} is set by learn; leave it out")
    recipe, trained = start.recipe, start.trained
    many, few = images
    weight = {"share": share} if few < share_of(many, share) else {}
    before = trained.data.options
    parts = [each for each in _parts(trained.data.name, before) if not _same(part, each)]
    parts.append({**part, **weight})
    data = {"name": MIX, **recipe.data.apart, "parts": parts}
    if trained.data.name == MIX and "seed" in before:
        data["seed"] = before["seed"]
    if recipe.data.sampler is not None:
        data["sampler"] = recipe.data.sampler
    # Too small a rate also does harm: the network leaves its minimum and reaches no other.
    rate = max(start.last_rate, _LEAST_RATE * recipe.optimizer.learning_rate)
    keys = {
        **recipe.model_dump(mode="json"),
        "init": str(start.path.resolve()),
        "data": data,
        "optimizer": {
            "name": recipe.optimizer.name,
            **recipe.optimizer.options,
            "learning_rate": float(f"{rate:.6g}"),
        },
        "schedule": "cosine",
        "epochs": EPOCHS,
        "callbacks": [],
        "swa": None,  # may be more epochs than this recipe has
    }
    text = dump(protect_paths(keys))
    return Recipe.parse(text, source="recipe", overrides=overrides, name=recipe.name)


def _parts(name: str, options: Mapping[str, Unchecked]) -> list[Unchecked]:
    """The parts of a mix; for any other data set, the data set itself as its only part."""
    if name == MIX:
        return list(options["parts"])
    return [{"name": name, **options} if options else name]


def _same(part: Mapping[str, object], other: Unchecked) -> bool:
    """Whether two parts have the same name and path, whatever their other options."""
    if isinstance(other, str):
        return dict(part) == {"name": other}
    place = [(each["name"], os.path.abspath(str(each.get("path", "")))) for each in (part, other)]
    return place[0] == place[1] and ("path" in part or dict(part) == dict(other))
