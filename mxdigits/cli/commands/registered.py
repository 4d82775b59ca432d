"""``mxdigits models``, ``datasets`` and ``networks``: list what is installed, and show one item."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

import shlex
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Callable, Optional

import typer

from ...errors import UsageError
from ...printing import print_line, print_text
from .. import completion, recipe_completion
from ..options import say

if TYPE_CHECKING:
    from ...plugins.entry import Entry
    from ...plugins.registry import Registry

models_app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)
datasets_app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)
networks_app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)

ModelOptionsArgument = Annotated[
    Optional[list[str]],
    typer.Argument(
        metavar="KEY=VALUE",
        help="Its options.",
        autocompletion=recipe_completion.options_of("models"),
    ),
]
DataOptionsArgument = Annotated[
    Optional[list[str]],
    typer.Argument(
        metavar="KEY=VALUE",
        help="Its options.",
        autocompletion=recipe_completion.options_of("datasets"),
    ),
]
LoadOption = Annotated[
    bool, typer.Option("--load", help="Import each one, to find those that cannot be imported.")
]


# Example values for options that have no default.
_EXAMPLES = {
    "idx": {"path": "my-idx-folder"},
    "folder": {"path": "my-pictures"},
    "npz": {"path": "my-images.npz"},
    "mix": {"parts": "[mnist, {name: folder, path: my-pictures}]"},
    "fold": {"of": "mnist", "fold": "0"},
    "graph": {"path": "my-network.json"},
}


def _check_required(
    registry: "Registry", verb: str, name: str, options: list[str], given: Mapping[str, object]
) -> None:
    """Check that no required option is missing.

    Raises:
        UsageError: if one is missing; says how to write it here.
    """
    takes = registry.options(name)  # does not import, so this error comes first
    if takes is None or not set(given) <= set(takes.defaults):
        return
    missing = [
        key
        for key, default in takes.defaults.items()
        if default is None and key not in given and key != "classes"  # mxdigits passes classes
    ]
    if missing:
        values = {**dict.fromkeys(missing, "..."), **_EXAMPLES.get(name, {})}
        example = shlex.join([name, *options, *(f"{key}={values[key]}" for key in missing)])
        raise UsageError(
            f"{registry.noun} {name!r} needs {' and '.join(missing)}; write mxdigits {verb} show "
            f"{example}"
        )


@models_app.callback()
def models(context: typer.Context, load: LoadOption = False) -> None:
    """List the models: name, distribution, version, state.

    Example: mxdigits models --load
    """
    from ...plugins.registry import MODELS

    if context.invoked_subcommand is None:
        _print_entries(MODELS, load)


@models_app.command("show")
def show_model(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="A model's name.", autocompletion=completion.models),
    ],
    options: ModelOptionsArgument = None,
    classes: Annotated[int, typer.Option(min=1, help="Outputs.")] = 10,
    size: Annotated[int, typer.Option(min=1, help="Height and width of the images.")] = 28,
    channels: Annotated[int, typer.Option(min=1, help="Channels of the images.")] = 1,
    graph: Annotated[
        Optional[Path],
        typer.Option(help="Write its graph here, for model: {name: graph, path: ...}."),
    ] = None,
) -> None:
    """Show a model's description, its options, and its layers with shapes and parameters.

    Example: mxdigits models show lenet dropout=0.2
    """
    import inspect

    from ...foreign import naming
    from ...models.building import build_network
    from ...plugins.registry import MODELS
    from ...plugins.signatures import docstring_in_source
    from ...recipe.overrides import options_from
    from ...storage.files import check_writable
    from ..layers import backend_without_mxnet, print_layers
    from ..terminal import print_prose

    if graph is not None:
        check_writable(graph)
    shape = (channels, size, size)
    backend = backend_without_mxnet(name)
    entry = MODELS.entry(name)
    takes = MODELS.takes(name) if backend is None else MODELS.options(name)
    print_prose(f"{name}({takes})  from {entry}")
    print_line()
    if backend is None:
        factory = MODELS.get(name)
        with naming(f"model {name!r} ({entry}) hides its docstring"):
            said = inspect.cleandoc(factory.__doc__ or "")
    else:
        said = docstring_in_source(*entry.place())
    if said:
        text, _, _ = said.partition("\n\nExample:\n    >>> ")  # the example is Python
        print_prose(text)
        print_line()
    given = options_from(options or [])
    _check_required(MODELS, "models", name, options or [], given)
    network = build_network(name, given, classes=classes, image_shape=shape, backend=backend)
    print_layers(network, shape)
    if graph is not None:
        from ...models.graph_file import write_graph_file

        write_graph_file(network, graph)
        print_line()
        print_line(f"graph: {graph}")


@datasets_app.callback()
def datasets(context: typer.Context, load: LoadOption = False) -> None:
    """List the data sets: name, distribution, version, state.

    Example: mxdigits datasets --load
    """
    from ...plugins.registry import DATASETS

    if context.invoked_subcommand is None:
        _print_entries(DATASETS, load)


@datasets_app.command("show")
def show_dataset(
    name: Annotated[
        Optional[str],
        typer.Argument(
            metavar="NAME",
            help="A data set's name; with --augmented the recipe's own.",
            autocompletion=completion.datasets,
        ),
    ] = None,
    options: DataOptionsArgument = None,
    augmented: Annotated[
        Optional[str],
        typer.Option(
            metavar="RECIPE",
            help="Draw a sample of each class, before and after this recipe's augmentation.",
            autocompletion=completion.recipes,
        ),
    ] = None,
    output: Annotated[
        Optional[Path], typer.Option("--output", "-o", help="Draw a sheet of samples here.")
    ] = None,
) -> None:
    """Show a data set's shapes, counts by class and hashes; draw a sheet of samples.

    Example: mxdigits datasets show mnist -o samples.png
    """
    from ...data.load import load_dataset
    from ...data.sheet import describe, sample_sheet
    from ...data.tiles import check_picture_file, write_picture
    from ...plugins.registry import DATASETS
    from ...predict.output_names import refuse_inputs
    from ...recipe.overrides import options_from
    from ..terminal import print_table

    if output is not None:
        check_picture_file(output)
    if augmented is not None:
        _show_augmented(augmented, name, options, output)
        return
    if name is None:
        raise UsageError("which data set? mxdigits datasets lists them")
    given = options_from(options or [])
    _check_required(DATASETS, "datasets", name, options or [], given)
    if output is not None:
        refuse_inputs([output], [str(given.get("path", name))])
    dataset = load_dataset(name, given, say)
    shown = describe(dataset)
    shape = "x".join(map(str, shown.image_shape))
    print_line(f"{shown.name}: images of shape {shape}, uint8")
    print_line()
    counts = list(zip(shown.classes, *shown.counts.values()))
    total = ["total", *map(sum, shown.counts.values())]
    print_table(["class", *shown.counts], [*counts, total])
    if shown.hashes:  # a plugin's data set may have none
        print_line()
        print_table(["file", "SHA-256"], list(shown.hashes.items()))
    if output is not None:
        write_picture(sample_sheet(dataset), output)
        print_line()
        print_line(f"samples: {output}")


def _show_augmented(
    recipe: str, name: Optional[str], options: Optional[list[str]], output: Optional[Path]
) -> None:
    from ...data.sheet import sample_sheet
    from ...data.tiles import write_picture
    from ...experiment.previews.augmented import augmented
    from ...recipe.overrides import options_from
    from ...recipe.schema import Recipe
    from ...recipe.sections import DataOptions

    if output is None:
        raise UsageError("where shall the sheet go? write -o sheet.png")
    wanted = Recipe.load(recipe)
    if name is not None:
        data = DataOptions.model_validate({"name": name, **options_from(options or [])})
        wanted = wanted.model_copy(update={"data": data})
    write_picture(sample_sheet(augmented(wanted, say)), output)
    print_line(f"samples: {output}")


@networks_app.callback()
def networks(context: typer.Context, load: LoadOption = False) -> None:
    """List the networks: name, distribution, version, state, test accuracy."""
    from ...plugins.registry import NETWORKS
    from ...predict.cards import network_accuracy

    def accuracy(entry: "Entry") -> str:
        stated = network_accuracy(entry)
        return "" if stated is None else f"{stated:.4f}"

    if context.invoked_subcommand is None:
        _print_entries(NETWORKS, load, {"test accuracy": accuracy})


@networks_app.command("show")
def show_network(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="An installed network's name.",
            autocompletion=completion.networks,
        ),
    ],
) -> None:
    """Show an installed network's model card.

    Example: mxdigits networks show digits
    """
    from ...predict.cards import network_card
    from ...predict.networks import network_path

    card = network_card(name)
    print_text(card.rstrip() or f"{network_path(name)} comes without a model card")


def _print_entries(
    registry: "Registry",
    load: bool,
    more: Mapping[str, Callable[["Entry"], str]] = MappingProxyType({}),
) -> None:
    from ...plugins.import_states import states_imported
    from ..terminal import print_table

    entries = registry.entries()
    states = states_imported(registry) if load else [registry.state(e) for e in entries]
    rows = [
        [e.name, e.distribution, e.version, state, *(tell(e) for tell in more.values())]
        for e, state in zip(entries, states)
    ]
    print_table(["name", "distribution", "version", "state", *more], rows)
