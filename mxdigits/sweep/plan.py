"""The plan of a search, checked before any training: the recipe, the ranges, how to choose."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Optional

from ..data.load import load_dataset
from ..errors import MxdigitsError, RecipeError, UsageError
from ..experiment.preparation.choices import check_choices
from ..recipe.files import find_recipe, read_file
from ..recipe.inheritance import read_layers
from ..recipe.problems import WITHOUT_VALIDATION
from ..recipe.schema import Recipe
from ..storage.strict_yaml import dump
from ..wording import Say, flat, in_words, say_nothing
from .grid import len_of_grid
from .keys import check_keys
from .names import PRUNERS, SAMPLERS
from .ranges import Plain, Range, read_range

TRIALS = 50


@dataclass(frozen=True)
class Plan:
    """All that the trials of a study share; it can be written as JSON for another process.

    ``text`` is the recipe as it was read from ``source``, ``name`` its name. ``trials`` is the
    number of trials in the whole study, on all machines.

    >>> plan = make_plan("mlp", ["validation=5000", "optimizer.learning_rate=log(1e-3,1)"])
    >>> plan.recipe({"optimizer.learning_rate": 0.01}).optimizer.learning_rate
    0.01
    >>> Plan.from_json(plan.to_json()) == plan
    True
    """

    text: str
    source: str
    name: str
    study: str
    overrides: tuple[str, ...]
    space: tuple[Range, ...]
    sampler: str = "tpe"
    pruner: str = "median"
    trials: int = TRIALS

    @property
    def base(self) -> Recipe:
        """The recipe without the values to try."""
        return self._parsed(self.overrides)

    def recipe(self, values: Mapping[str, Plain], threads: Optional[int] = None) -> Recipe:
        """The recipe of a trial.

        Args:
            values: by the keys of the ranges, in the form that Optuna has.
            threads: of a worker, if the recipe does not set them.

        Raises:
            RecipeError: if the values contradict each other.
        """
        chosen = [each.override(values[each.key]) for each in self.space]
        recipe = self._parsed([*self.overrides, *chosen, f"name={self.study}"])
        if recipe.threads is None and threads is not None:
            recipe = recipe.model_copy(update={"threads": threads})
        return recipe

    def _parsed(self, overrides: Sequence[str]) -> Recipe:
        return Recipe.parse(self.text, source=self.source, overrides=overrides, name=self.name)

    @property
    def identity(self) -> dict[str, object]:
        """The plain values that must be the same for all who take part in a study."""
        recipe = self.base.model_dump(mode="json", exclude={"name", "threads"})
        ranges = {each.key: each.text for each in self.space}
        return {"recipe": recipe, "ranges": ranges, "sampler": self.sampler, "pruner": self.pruner}

    def check_same(self, begun: Mapping[str, object], where: str) -> None:
        """Refuse to go on with a study that was begun with another plan.

        Raises:
            UsageError: naming what differs.
        """
        then, now = (dict(flat(each, lists=True)) for each in (begun, self.identity))
        # Compared as JSON, because values from a storage have lists instead of tuples.
        differ = [
            f"{key.partition('.')[2] or key}: {in_words(then.get(key))}, now "
            f"{in_words(now.get(key))}"
            for key in sorted({*then, *now})
            if json.dumps(then.get(key)) != json.dumps(now.get(key))
        ]
        if differ:
            raise UsageError(
                f"the study {self.study} in {where} was begun with {'; '.join(differ)}; "
                "write the same, or begin another with --study NAME"
            )

    def to_json(self) -> str:
        """The plan as a line of text."""
        space = [f"{each.key}={each.text}" for each in self.space]
        return json.dumps({**vars(self), "space": space})

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """The plan that :meth:`to_json` wrote."""
        values = json.loads(text)
        space = tuple(found for each in values["space"] if (found := read_range(each)))
        return cls(**{**values, "space": space, "overrides": tuple(values["overrides"])})


@dataclass(frozen=True)
class Search:
    """How a search chooses values; if ``trials`` is None, 50 trials or all points of a grid.

    >>> Search(sampler="grid").trials is None
    True
    """

    sampler: str = "tpe"
    pruner: str = "median"
    trials: Optional[int] = None
    study: Optional[str] = None


def make_plan(
    recipe: str,
    arguments: Sequence[str],
    search: Optional[Search] = None,
    *,
    overrides: Sequence[str] = (),
    say: Say = say_nothing,
) -> Plan:
    """Check a recipe and the ranges of its keys.

    Args:
        recipe: a recipe file, or the name of one that ships with mxdigits.
        arguments: ``KEY=RANGE`` and ``KEY=VALUE``, in any order.
        search: how to choose, and how many trials.
        overrides: only ``KEY=VALUE``; a list here is a value, and not choices.
        say: told the messages of a data set's reader.

    Raises:
        UsageError: if a range is not valid, its key is no number, or nothing is held out.
        RecipeError: if the recipe does not accept a value of a range.

    >>> make_plan("mlp", ["validation=5000", "model.name=0..3"])
    Traceback (most recent call last):
        ...
    mxdigits.errors.UsageError: model.name=0..3: model.name is no number, it is mlp; ...
    """
    search = search or Search()
    _check_word("sampler", search.sampler, SAMPLERS)
    _check_word("pruner", search.pruner, PRUNERS)
    read = [(each, read_range(each)) for each in arguments]
    # Keys that contain others come first; otherwise they would replace these.
    space = sorted((found for _, found in read if found), key=lambda each: each.key.count("."))
    fixed = [*(each for each, found in read if found is None), *overrides]
    base = Recipe.load(recipe, fixed)
    study = search.study or f"{base.name}-sweep"
    file = find_recipe(recipe)
    # Together with the recipes that it extends, so that a worker needs no file.
    text = dump(read_layers(read_file(file, recipe), recipe, file).value)
    options = (search.sampler, search.pruner, search.trials or TRIALS)
    plan = Plan(text, recipe, base.name, study, tuple(fixed), tuple(space), *options)
    _check_study(study)
    check_keys(space, fixed, base)
    _check_validation(base, say)
    for each in space:
        _check_values(plan, each)
    if search.sampler == "grid":
        points = len_of_grid(space)
        return replace(plan, trials=min(search.trials or points, points))
    if all(each.points for each in space) and (points := len_of_grid(space)) < plan.trials:
        say(
            f"the ranges have {points} combinations, fewer than {plan.trials} trials: some would "
            "be trained again, to the same bits; --sampler grid tries each of them once"
        )
    return plan


def _check_word(option: str, word: str, words: Sequence[str]) -> None:
    if word not in words:
        raise UsageError(f"--{option} {word}: must be one of {', '.join(words)}")


def _check_study(name: str) -> None:
    try:
        Recipe.make(model="mlp", name=name)
    except RecipeError as error:
        raise UsageError(f"--study {error.lines[0].removeprefix('name: ')}") from None


def _check_validation(base: Recipe, say: Say) -> None:
    """Refuse a search that has only the test set to compare its trials on.

    Raises:
        UsageError: if nothing is held out, and the data set has no validation part of its own.
    """
    if base.validation is not None:
        return
    known = base.data.name in WITHOUT_VALIDATION
    if known or load_dataset(base.data.name, base.data.options, say).validation is None:
        raise UsageError(
            "validation: no images are held out, so the trials could only be compared on the test "
            "set; an accuracy that was tuned on it says nothing of other images. Write "
            "validation=5000, or a share such as validation=0.1"
        )


def _check_values(plan: Plan, tried: Range) -> None:
    """Check that the recipe accepts the ends of a range, with all other keys at their first value.

    Raises:
        RecipeError: naming the range.
    """
    for value in tried.ends:
        try:
            check_choices(
                plan.recipe({each.key: each.ends[0] for each in plan.space} | {tried.key: value})
            )
        except MxdigitsError as error:
            override = f"override {tried.override(value)}: "
            own = [line for line in error.lines if line.startswith(override)] or error.lines
            lines = [
                f"{tried.key}={tried.text}: "
                + line.removeprefix(override).removeprefix(f"{tried.key}: ")
                for line in own
            ]
            raise RecipeError(lines) from None


def study_folder(plan: Plan, output: Path) -> Path:
    """Return the folder for the runs of a study and for the files about them.

    >>> study_folder(make_plan("mlp", ["validation=5000", "epochs=1..3"]), Path("runs"))
    PosixPath('runs/mlp-sweep')
    """
    return output / plan.study
