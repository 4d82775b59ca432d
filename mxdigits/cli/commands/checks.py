"""The commands that run nothing: check, recipes and doctor."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

import json
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from ...errors import UsageError
from ...printing import print_line, print_note, print_text
from .. import completion
from ..options import OverridesArgument, SetOption

if TYPE_CHECKING:
    from ...recipe.schema import Recipe


def check(
    recipe: Annotated[
        Optional[str],
        typer.Argument(
            metavar="RECIPE",
            help="A recipe file, or a shipped recipe's name.",
            autocompletion=completion.recipes,
        ),
    ] = None,
    overrides: OverridesArgument = None,
    also: SetOption = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print a JSON Schema of recipes, for editors.")
    ] = False,
    diff: Annotated[
        Optional[str],
        typer.Option(
            metavar="OTHER",
            help="Print only what differs from this other recipe.",
            autocompletion=completion.recipes,
        ),
    ] = None,
    layers: Annotated[
        bool,
        typer.Option("--layers", help="List the network's parameters, by the names to freeze."),
    ] = False,
) -> None:
    """Check a recipe and print it with every default. Nothing is run.

    Options are checked as by run, except those of the data set, which is not read, and those of
    plugins, which are only imported. The file of a graph is read, and its layers are looked up in
    the backend that the recipe names. --diff A B prints only what B changes in A, key by key.
    --layers lists the parameters instead of the recipe; freeze and lr_mult take these names, or
    patterns of them.

    Example: mxdigits check lenet epochs=3
    """
    from ...recipe.schema import Recipe, json_schema

    if schema:
        print_text(json.dumps(json_schema(), indent=2))
    elif recipe is None:
        raise UsageError("which recipe? write mxdigits check RECIPE, or --schema")
    else:
        from ...experiment.preparation.choices import check_choices, check_plugins

        checked = Recipe.load(recipe, [*(overrides or []), *(also or [])])
        check_choices(checked)
        check_plugins(checked, print_note)
        if checked.model.name == "graph" or checked.backend not in ("auto", "mxnet"):
            from ...experiment.previews.layers import check_layers

            check_layers(checked, print_note)
        if layers:
            _print_layers(checked)
            return
        if checked.freeze or checked.lr_mult:
            from ...experiment.previews.layers import check_patterns

            check_patterns(checked, print_note)
        if diff is None:
            print_text(checked.dump().rstrip("\n"))
        else:
            _print_differences(diff, recipe, Recipe.load(diff), checked)


def _print_layers(recipe: "Recipe") -> None:
    from ...experiment.previews.layers import layer_rows
    from ..terminal import print_table

    print_table(["parameter", "learns"], layer_rows(recipe))


def _print_differences(name: str, other: str, then: "Recipe", now: "Recipe") -> None:
    from ...experiment.records.changes import recipe_differences
    from ..terminal import print_table

    found = recipe_differences(then, now)
    if not found:
        print_line(f"{name} and {other} say the same")
        return
    print_table(["key", name, other], [[key, *values] for key, values in found.items()])


def recipes() -> None:
    """List the recipes that ship with mxdigits.

    Example: mxdigits recipes
    """
    from ...recipe.files import shipped_recipes
    from ..terminal import print_table

    rows = [
        [name, file.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")]
        for name, file in shipped_recipes().items()
    ]
    print_table(["recipe", "what it does"], rows)


def doctor(
    forget: Annotated[
        bool,
        typer.Option("--forget", help="Delete the measurements of backend: fastest."),
    ] = False,
) -> None:
    """Print versions, CPUs, threads and GPU state, for a bug report.

    It ends with the measurements of backend: fastest.

    Example: mxdigits doctor
    """
    if forget:
        from ...backends.race.memory import forget as forget_all

        count = forget_all()
        print_line(f"deleted the measurements of {count} kind{'s' * (count != 1)} of work")
        return
    from ..terminal import print_table
    from .doctor import diagnose

    print_table(["what", "found"], diagnose())
