"""A recipe: everything that decides a run, checked and immutable; it can be written as YAML again.

    recipe = Recipe.load("recipes/lenet.yaml", ["epochs=3"])

The file replaces the defaults and the values of the recipes that it extends; overrides replace
all of these. All mistakes are reported at once, each with its place and what to write instead.
Nothing here imports MXNet.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Annotated, Optional, Union

from pydantic import BaseModel, Field, StringConstraints, ValidationError

from ..data.parts import in_full
from ..errors import RecipeError
from ..storage.strict_yaml import MAX_VALUES, Path, dump, parse, prefix
from ..train.history import MOST_EPOCHS
from .combinations import combination_problems
from .environment import expand_paths, protect_paths
from .files import find_recipe, name_of, read_file
from .inheritance import EXTENDS, Layers, read_layers
from .overrides import apply_override, listed
from .problems import Problem, name_problems, structure_problems
from .sections import (
    DATA,
    EPOCHS,
    GRAPH,
    CheckpointPolicy,
    DataOptions,
    Loss,
    NamedOptions,
    OptimizerOptions,
    PositiveInt,
    Section,
)
from .written_forms import (
    Backends,
    Contexts,
    Formats,
    Multipliers,
    NameOrData,
    NameOrOptimizer,
    NameOrOptions,
    NoneOrSeveral,
    NumberOrShare,
    OneOrSeveral,
    Patterns,
    Precision,
    RunOrTeacher,
)

# The length is not part of the pattern, because compiling that would take a tenth of a second.
RunName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][\w.-]*$", max_length=100)]


class Recipe(Section):
    r"""Everything that decides a run; docs/recipes.md says what each key means.

    >>> recipe = Recipe.parse("model: lenet", overrides=["epochs=3"])
    >>> recipe.model.name, recipe.epochs, recipe.optimizer.learning_rate
    ('lenet', 3, 0.1)
    >>> Recipe.make(model="lenet", epochs=3) == recipe
    True
    >>> Recipe.parse("model: lenet\nctx: gpu")
    Traceback (most recent call last):
        ...
    mxdigits.errors.RecipeError: recipe:2:1: ctx: unknown key; write context
    """

    name: RunName = Field(
        "run", description="what its run folders are called; by default the recipe file's name"
    )
    model: NameOrOptions = Field(description="a registered model, and its options")
    data: NameOrData = Field(
        DataOptions(name=DATA),
        description="a registered data set, batch_size, sampler, shard, and its options",
    )
    augmentation: NoneOrSeveral = Field(
        (), description="registered augmentations of the training images, one or a list"
    )
    optimizer: NameOrOptimizer = Field(
        OptimizerOptions(name="sgd", learning_rate=0.1),
        description="an optimizer of MXNet, its learning_rate and its other options",
    )
    schedule: NameOrOptions = Field(
        NamedOptions(name="constant"),
        description="the learning rate: constant, step, exponential, cosine, cosine_restarts, "
        "poly or one_cycle",
    )
    initializer: NameOrOptions = Field(
        NamedOptions(name="xavier"), description="an initializer of MXNet, and its options"
    )
    init: Optional[Annotated[str, StringConstraints(min_length=1)]] = Field(
        None, description="a run whose weights to start from, by its folder or a name such as mlp"
    )
    loss: Loss = Field(
        Loss(), description="softmax cross-entropy: label_smoothing, class_weights, focal"
    )
    epochs: PositiveInt = Field(EPOCHS, le=MOST_EPOCHS, description="passes over the training set")
    validation: NumberOrShare = Field(
        None, description="training images to hold out, as a number or a share"
    )
    callbacks: OneOrSeveral = Field(
        (), description="registered callbacks, each with its options: early_stopping, ..."
    )
    accumulate: Annotated[int, Field(ge=1)] = Field(
        1,
        description="the number of parts in which a batch is computed; their gradients are "
        "added up",
    )
    clip_global_norm: Optional[Annotated[float, Field(gt=0)]] = Field(
        None, description="the largest L2 norm of all gradients of a batch together"
    )
    teacher: RunOrTeacher = Field(
        None, description="a run to learn from besides the labels, its temperature and share"
    )
    ema: Optional[Annotated[float, Field(gt=0, lt=1)]] = Field(
        None, description="the decay of a moving average of the weights, which the run ends with"
    )
    swa: Optional[Annotated[int, Field(ge=2)]] = Field(
        None, description="the number of last epochs whose mean weights the run ends with"
    )
    freeze: Patterns = Field(
        (), description="parameters that stay as they are, by patterns such as features.*"
    )
    lr_mult: Multipliers = Field(
        {}, description="factors for the learning rate, by patterns of parameters"
    )
    checkpoint: Optional[CheckpointPolicy] = Field(
        CheckpointPolicy(), description="when to keep a checkpoint, and how many; null for none"
    )
    context: Contexts = Field(
        "cpu", description="cpu, gpu, gpu(1), gpu(0,1), auto, or a list by preference"
    )
    backend: Backends = Field(
        "auto", description="what computes: mxnet, xla, torch, auto, fastest, or a list"
    )
    precision: Precision = Field(
        "float32",
        description="the number format of a training step: float32, tf32, bfloat16 or float16",
    )
    threads: Optional[Annotated[int, Field(ge=1, le=1024)]] = Field(
        None, description="OpenMP threads of MXNet and PyTorch; by default the usable CPUs"
    )
    seed: Annotated[int, Field(ge=0, lt=2**31)] = Field(42, description="of everything random")
    predictions: Formats = Field(
        ("csv",), description="files of predictions to write: csv, jsonl, npz or a plugin's"
    )

    @classmethod
    def load(cls, path: Union[str, FilePath], overrides: Sequence[str] = ()) -> Recipe:
        """Read a recipe file, or one that ships with mxdigits by its name.

        Args:
            path: a file, or a shipped recipe's name where there is no such file.
            overrides: ``key.path=value``, the value read as YAML.

        Raises:
            UsageError: if there is no such recipe, or it cannot be read.
            RecipeError: with every mistake in it.
        """
        file = find_recipe(path)
        layers = read_layers(read_file(file, path), str(path), file)
        return cls._from(layers, overrides, name_of(file))

    @classmethod
    def parse(
        cls, text: str, *, source: str = "recipe", overrides: Sequence[str] = (), name: str = "run"
    ) -> Recipe:
        """Validate a recipe's text; ``source`` is its name in messages, ``name`` the run's."""
        return cls._from(read_layers(text, source), overrides, name)

    @classmethod
    def _from(cls, layers: Layers, overrides: Sequence[str], name: str) -> Recipe:
        lines = layers.problems
        value = {"name": name, **layers.value}
        overridden: dict[Path, str] = {}
        defaults = cls._defaults()
        for override in listed(overrides):
            try:
                overridden[apply_override(override, value, defaults)] = override
            except RecipeError as error:
                lines += error.lines
        recipe, problems = cls._validate(value)
        problems.sort(key=lambda problem: layers.mark(problem[0]))
        lines += [_message(p, layers, overridden) for p in problems]
        if recipe is None or lines:
            raise RecipeError(lines)
        return recipe

    @classmethod
    def make(cls, **keys: object) -> Recipe:
        """A recipe from Python: ``Recipe.make(model="lenet", epochs=3)``."""
        recipe, problems = cls._validate(keys)
        if recipe is None:
            raise RecipeError([prefix(path) + what for path, what in problems])
        return recipe

    @classmethod
    def _defaults(cls) -> dict[str, object]:
        """The default sections; an override of one option keeps the rest of its section."""
        defaults = {key: field.get_default() for key, field in cls.model_fields.items()}
        return {
            k: d.model_dump(mode="json") for k, d in defaults.items() if isinstance(d, BaseModel)
        }

    @classmethod
    def _validate(cls, value: dict[str, object]) -> tuple[Optional[Recipe], list[Problem]]:
        value, unset = expand_paths(value)
        recipe, problems = None, dict(unset)
        try:
            recipe = cls.model_validate(value)
        except ValidationError as error:
            problems.update(structure_problems(error, [*cls.model_fields, EXTENDS]))
        for path, what in (*name_problems(value), *combination_problems(value)):
            problems.setdefault(path, what)
        return (None if problems else recipe), list(problems.items())

    def with_full_paths(self) -> Recipe:
        """The same recipe with absolute paths, so that it works from any folder.

        These are the paths of its data, of a model from a file, of ``init`` and of ``teacher``.

        A path that does not exist here is left as it is: a plugin's data set may use it as an
        address.
        """
        updates: dict[str, object] = {
            "data": self.data.model_copy(update=in_full(self.data.options))
        }
        if self.model.name == GRAPH:
            files = in_full(self.model.options, ("path", "parameters"))
            updates["model"] = self.model.model_copy(update=files)
        if self.init is not None and os.path.exists(self.init):
            updates["init"] = os.path.abspath(self.init)
        if self.teacher is not None and os.path.exists(self.teacher.run):
            run = {"run": os.path.abspath(self.teacher.run)}
            updates["teacher"] = self.teacher.model_copy(update=run)
        return self.model_copy(update=updates)

    def dump(self) -> str:
        """The recipe as YAML with every default; it loads as the same recipe.

        Raises:
            RecipeError: if it is too long to be loaded, as only a recipe made in Python can be.
        """
        text = dump(protect_paths(self.model_dump(mode="json")))
        if len(text) > MAX_VALUES:  # a shorter text cannot hold too many values
            parse(text, "the recipe, with every default written out")
        return text


def as_recipe(recipe: Union[Recipe, str, FilePath], overrides: Sequence[str] = ()) -> Recipe:
    """A recipe with overrides; it may be given by its file or name.

    Raises:
        UsageError: if there is no such recipe.
        RecipeError: with every mistake in it.

    >>> as_recipe("lenet", ["epochs=3"]).epochs
    3
    """
    if not isinstance(recipe, Recipe):
        return Recipe.load(recipe, overrides)
    return Recipe.parse(recipe.dump(), overrides=overrides) if overrides else recipe


def _message(problem: Problem, layers: Layers, overridden: Mapping[Path, str]) -> str:
    path, what = problem
    for each, override in reversed(list(overridden.items())):
        # One path contains the other, or only the override brought the section.
        alone = each[0] == path[0] and not layers.holds(path[:1])
        if alone or each[: len(path)] == path[: len(each)]:
            return f"override {override}: {prefix(path)}{what}"
    return f"{layers.place(path)}: {prefix(path)}{what}"


def json_schema() -> dict[str, object]:
    """A JSON Schema of recipes, for editors.

    >>> json_schema()["anyOf"]
    [{'required': ['model']}, {'required': ['extends']}]
    """
    schema = Recipe.model_json_schema()
    extends = {
        "type": "string",
        "description": "another recipe, by file or name, whose keys are used here too",
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "properties": {EXTENDS: extends, **schema["properties"]},
        "required": [],
        "anyOf": [{"required": ["model"]}, {"required": [EXTENDS]}],
    }
