"""The verbs below ``mxdigits models`` and ``mxdigits datasets``: list them, show one."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from ..printing import print_line
from .options import say

models_app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)
datasets_app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)

LoadOption = Annotated[
    bool, typer.Option("--load", help="Import each, to find those that fail only then.")
]


@models_app.callback()
def models(context: typer.Context, load: LoadOption = False) -> None:
    """List the models: name, distribution, version, state."""
    from ..plugins.registry import MODELS

    if context.invoked_subcommand is None:
        _print_entries(MODELS, load)


@models_app.command("show")
def show_model(
    name: Annotated[str, typer.Argument(help="A model's name.")],
    options: Annotated[
        Optional[list[str]], typer.Argument(metavar="KEY=VALUE", help="Its options.")
    ] = None,
    classes: Annotated[int, typer.Option(min=1, help="Outputs.")] = 10,
    size: Annotated[int, typer.Option(min=1, help="Height and width of the images.")] = 28,
    channels: Annotated[int, typer.Option(min=1, help="Channels of the images.")] = 1,
) -> None:
    """Show what a model says of itself, its options, and its layers with shapes and parameters."""
    import inspect

    from ..backends.mxnet.building import layer_table
    from ..backends.mxnet.runtime import import_mxnet
    from ..models.building import build_network
    from ..plugins.registry import MODELS
    from ..plugins.signatures import options_of
    from ..recipe.schema import options_from
    from .terminal import print_prose, print_table

    import_mxnet()  # which most models import at once, and which may not be here
    shape = (channels, size, size)
    factory = MODELS.get(name)
    print_prose(f"{name}({options_of(factory)})  from {MODELS.entry(name)}")
    print_line()
    if factory.__doc__:
        print_prose(inspect.cleandoc(factory.__doc__))
        print_line()
    network = build_network(name, options_from(options or []), classes=classes, image_shape=shape)
    layers = layer_table(network, shape)
    rows = [[layer, "x".join(map(str, out)), f"{count:,}"] for layer, out, count in layers]
    total = sum(count for _, _, count in layers)
    print_table(["layer", "output", "parameters"], [*rows, ["total", "", f"{total:,}"]])


@datasets_app.callback()
def datasets(context: typer.Context, load: LoadOption = False) -> None:
    """List the data sets: name, distribution, version, state."""
    from ..plugins.registry import DATASETS

    if context.invoked_subcommand is None:
        _print_entries(DATASETS, load)


@datasets_app.command("show")
def show_dataset(
    name: Annotated[str, typer.Argument(help="A data set's name.")],
    options: Annotated[
        Optional[list[str]], typer.Argument(metavar="KEY=VALUE", help="Its options.")
    ] = None,
    output: Annotated[
        Optional[Path], typer.Option("--output", "-o", help="Draw a sheet of samples here (PNG).")
    ] = None,
) -> None:
    """Show a data set's shapes, counts by class and hashes; draw a sheet of samples."""
    from ..data.load import load_dataset
    from ..data.sheet import describe, sample_sheet
    from ..recipe.schema import options_from
    from ..storage.files import check_writable, replacing
    from .terminal import print_table

    if output is not None:
        check_writable(output)
    dataset = load_dataset(name, options_from(options or []), say)
    shown = describe(dataset)
    shape = "x".join(map(str, shown.image_shape))
    print_line(f"{shown.name}: images of shape {shape}, uint8")
    print_line()
    counts = list(zip(shown.classes, *shown.counts.values()))
    total = ["total", *map(sum, shown.counts.values())]
    print_table(["class", *shown.counts], [*counts, total])
    print_line()
    print_table(["file", "SHA-256"], list(shown.hashes.items()))
    if output is not None:
        with replacing(output) as temporary:
            sample_sheet(dataset).save(temporary, format="PNG")
        print_line()
        print_line(f"samples: {output}")


def _print_entries(registry: Any, load: bool) -> None:
    from .terminal import print_table

    rows = [
        [e.name, e.distribution, e.version, registry.state(e, load=load)]
        for e in registry.entries()
    ]
    print_table(["name", "distribution", "version", "state"], rows)
