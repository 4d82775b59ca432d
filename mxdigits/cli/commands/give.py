"""The verbs that prepare a network for other people: package, card."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from ...errors import UsageError
from ...printing import print_line, print_text
from ..options import CardArgument, RunArgument, check_ending, say
from .export import ForceOption, ToleranceOption, print_exported

if TYPE_CHECKING:
    from ...export.naming import Naming
    from ...export.package import PackageRequest

NameOption = Annotated[
    Optional[str],
    typer.Option(help="What the network is called; by default digits- and the recipe's name."),
]
LicenseOption = Annotated[
    str, typer.Option(metavar="SPDX", help="The network's licence, such as CC-BY-4.0.")
]


def package(
    run: RunArgument,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder that the wheel goes to.")
    ] = Path("."),
    name: NameOption = None,
    version: Annotated[
        Optional[str],
        typer.Option(help="The wheel's version; by default the time at which the run began."),
    ] = None,
    license: LicenseOption = "",
    into: Annotated[
        Optional[Path],
        typer.Option(
            metavar="FOLDER",
            help="Write the network into this folder of a package of your own, instead of a wheel.",
        ),
    ] = None,
    force: ForceOption = False,
    tolerance: ToleranceOption = 1e-4,
) -> None:
    """Make a wheel of a run's network, with its model card, for use without MXNet.

    Example: mxdigits package lenet
    """
    from ...errors import OutputError
    from ...export.naming import naming_of
    from ...export.package import package as pack

    called = naming_of(run, name, version, license)
    if into is not None:
        if version is not None:
            raise UsageError("--version is for a wheel; leave it out with --into")
        _write_into(into, run, called, force)
        return
    if not output.is_dir():
        raise OutputError(f"there is no folder {output}")
    wheel, done = pack(_request(run, called, tolerance), output, force=force)
    print_exported(done, named=False)
    print_line(f"wheel: {wheel}")
    print_line(f"to use it: pip install {wheel} && mxdigits predict {called.name} photo.png")


def _write_into(folder: Path, run: Path, called: "Naming", force: bool) -> None:
    from ...export.folder import write_folder
    from ...report.results import read_results

    for file in write_folder(read_results(run, say), called, folder, force=force):
        print_line(f"written: {file}")


def card(
    run: CardArgument,
    output: Annotated[
        Optional[Path],
        typer.Option("--output", "-o", help="The file; by default the card is printed."),
    ] = None,
    name: NameOption = None,
    license: LicenseOption = "",
    hub_folder: Annotated[
        Optional[Path],
        typer.Option(help="Lay out a folder as model hubs expect it; nothing is uploaded."),
    ] = None,
    formats: Annotated[
        Optional[list[str]],
        typer.Option(
            "--format",
            help="Formats of the network in --hub-folder; by default onnx and "
            "safetensors; repeatable.",
        ),
    ] = None,
    force: ForceOption = False,
    tolerance: ToleranceOption = 1e-4,
) -> None:
    """Write a run's model card: Markdown with the metadata that model hubs read.

    Example: mxdigits card lenet -o README.md
    """
    from ...export.naming import naming_of
    from ...export.package import hub_folder as lay_out
    from ...report.card import CardText, model_card
    from ...report.results import read_results
    from ..networks import network_of

    if formats and hub_folder is None:
        raise UsageError("--format is for --hub-folder")
    as_shipped = hub_folder is None and name is None and not license
    if as_shipped and (shipped := _shipped_card(run)):
        _check_free(output, force)
        _give_card(shipped, output)
        return
    path = network_of(run)
    called = naming_of(path, name, None, license)
    if hub_folder is not None:
        if output is not None:
            raise UsageError("--hub-folder has the card in it; leave out --output")
        wanted = formats or ["onnx", "safetensors"]
        for done in lay_out(_request(path, called, tolerance), hub_folder, wanted):
            print_exported(done, named=False)
        print_line(f"folder: {hub_folder}")
        return
    _check_free(output, force)
    text = model_card(read_results(path, say), CardText(called.name, called.license))
    _give_card(text, output)


def _shipped_card(name: str) -> str:
    """The card of an installed network; empty if it has none, or is not an installed network."""
    from ...predict.cards import network_card
    from ...predict.networks import installed_network

    return network_card(name) if installed_network(name, say) is not None else ""


def _check_free(output: Optional[Path], force: bool) -> None:
    from ...errors import OutputError

    if output is not None:
        check_ending(output, "a card, which is Markdown", ".md", ".markdown", ".txt", "")
    if output is not None and output.exists() and not force:
        raise OutputError(f"{output} is there already; --force replaces it")


def _give_card(text: str, output: Optional[Path]) -> None:
    from ...storage.files import write_text

    if output is None:
        print_text(text.rstrip("\n"))
        return
    write_text(output, text)
    print_line(f"card: {output}")


def _request(run: Path, called: "Naming", tolerance: float) -> "PackageRequest":
    from ...export.formats import ExportOptions
    from ...export.package import PackageRequest
    from ...export.source import run_source
    from ...predict.opening import EvaluationRequest
    from ...report.results import read_results

    source = run_source(run, EvaluationRequest(), say)
    options = ExportOptions(17, 0.002, source.training_images, say)
    return PackageRequest(read_results(run, say), source, called, options, tolerance)
