"""Reads the recipe of a run again, although its plugins may not be installed any more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...errors import PluginError, RecipeError
from ...plugins.entry import IN_PROCESS
from ...plugins.installed import absence
from ...plugins.registry import AUGMENTATIONS, CALLBACKS, DATASETS, EXPORTERS, MODELS
from ...recipe.schema import Recipe
from ...runs.folder import RunFolder
from ...values import Unchecked

_REGISTRIES = {
    "model": MODELS,
    "data": DATASETS,
    "augmentation": AUGMENTATIONS,
    "callbacks": CALLBACKS,
    "predictions": EXPORTERS,
}


def own_recipe(
    folder: RunFolder, plugins: Mapping[str, Unchecked], overrides: Sequence[str]
) -> Recipe:
    """The recipe of a run.

    Args:
        folder: the run folder.
        plugins: the plugins that its record names.
        overrides: of the recipe.

    Raises:
        PluginError: if it names something of a plugin that is not here any more; says which.
        RecipeError: if it is invalid.

    >>> folder = RunFolder(Path("runs/mlp/20261123T153755Z-62fd27"))  # doctest: +SKIP
    >>> plugins = folder.read_record(PreviousRun).plugins  # doctest: +SKIP
    >>> own_recipe(folder, plugins, ["epochs=20"]).epochs  # doctest: +SKIP
    20
    """
    try:
        return Recipe.load(folder.recipe_file, overrides)
    except RecipeError as error:
        for what, name in _absent(plugins):
            if any(f"{name!r}" in line for line in error.lines):
                raise PluginError(f"{folder}: {what}") from None
        raise


def _absent(plugins: Mapping[str, Unchecked]) -> Iterator[tuple[str, str]]:
    """For each name that a plugin of the run no longer offers here: an error text, and the name."""
    for section, registry in _REGISTRIES.items():
        recorded = plugins.get(section)
        for each in recorded if isinstance(recorded, list) else [recorded]:
            if not isinstance(each, dict):
                continue
            name, distribution, version = (
                str(each.get(key)) for key in ("name", "distribution", "version")
            )
            if name in registry or distribution == IN_PROCESS or registry.lies_in_clone(name):
                continue  # for a plugin in a clone the recipe's error says what to install
            which = f"{registry.noun} {name!r} is from {distribution} {version}"
            yield f"its {which}, which {absence(distribution, version)}", name
