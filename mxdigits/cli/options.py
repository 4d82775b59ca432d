"""What several commands share: arguments, options, and how they print a note."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from ..errors import AccuracyMissed, RunFolderError
from ..printing import print_note as say

if TYPE_CHECKING:
    from ..runs.names import Usable

__all__ = [
    "AnyRunArgument",
    "BackendOption",
    "ContextOption",
    "MinAccuracyOption",
    "NetworkArgument",
    "OutputOption",
    "OverridesArgument",
    "PlainOption",
    "ReportOption",
    "RunArgument",
    "RunsArgument",
    "SourceArgument",
    "demand",
    "say",
]

_RUN = "A run folder, or a recipe's name for its newest run."


def _with_network(context: typer.Context, name: Path) -> Path:
    """A run that is named, as a folder that holds a network."""
    from ..runs.folder import RunFolder

    return _find(context, name, RunFolder.has_network)


def _all_with_networks(context: typer.Context, names: Sequence[Path]) -> Sequence[Path]:
    """The same for each run that is named."""
    if context.resilient_parsing:
        return names
    return [_with_network(context, each) for each in names]


def _with_network_or_file(context: typer.Context, name: Path) -> Path:
    """A run that is named, as a folder that holds a network; or a network's file of ONNX."""
    if context.resilient_parsing:
        return name
    if name.suffix == ".onnx" and name.is_file():
        return name
    found = _installed_network(name)
    if found is not None:
        return found
    try:
        return _with_network(context, name)
    except RunFolderError as error:
        from ..plugins.registry import NETWORKS
        from ..plugins.suggest import nearest

        if name.exists() or not (known := NETWORKS.names()):
            raise
        hint = nearest(str(name), known)
        raise RunFolderError(f"{error}, nor an installed network of that name; {hint}") from None


def _with_network_or_symbol(context: typer.Context, name: Path) -> Path:
    """A run that is named, as a folder that holds a network; or a symbol's file as it is."""
    if isinstance(name, Path) and name.suffix == ".json" and name.is_file():
        return name
    return _with_network(context, name)


def _installed_network(name: Path) -> Optional[Path]:
    """The file of an installed network; None where a folder, or a run, is called so."""
    from ..plugins.registry import NETWORKS
    from ..predict.networks import network_file
    from ..runs.listing import DEFAULT_ROOT

    text = str(name)
    if name.exists() or text not in NETWORKS.names():
        return None
    if (DEFAULT_ROOT / name).exists():
        say(f"{name} is taken for a run in {DEFAULT_ROOT}, not for the installed network")
        return None
    return network_file(text)


def _any_run(context: typer.Context, name: Path) -> Path:
    """A run that is named as a folder, whatever it holds."""
    return _find(context, name, lambda folder: True)


def _find(context: typer.Context, name: Path, usable: "Usable") -> Path:
    from ..errors import UsageError
    from ..runs.names import find_run

    if context.resilient_parsing:  # the shell completes a word
        return name
    try:
        return find_run(name, usable, say)
    except RunFolderError:
        if context.info_name == "predict" and name.suffix:
            what = f"the run is missing: {name} is none; write mxdigits predict RUN {name}"
            raise UsageError(what) from None
        raise


# For verbs that use the network of a run.
RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help=_RUN, callback=_with_network)]
RunsArgument = Annotated[
    list[Path],
    typer.Argument(
        metavar="RUN...", help="Two runs or more: folders, or names.", callback=_all_with_networks
    ),
]
# For verbs that predict: an installed network or a file of ONNX does as well.
NetworkArgument = Annotated[
    Path,
    typer.Argument(
        metavar="RUN",
        help=f"{_RUN[:-1]}; or an installed network's, or a .onnx file of mxdigits export.",
        callback=_with_network_or_file,
    ),
]
# For the verb that exports: MXNet's own files do as well.
SourceArgument = Annotated[
    Path,
    typer.Argument(
        metavar="RUN",
        help=f"{_RUN[:-1]}; or the symbol.json of any network, with --input-shape.",
        callback=_with_network_or_symbol,
    ),
]
# For verbs that take a run as it is.
AnyRunArgument = Annotated[Path, typer.Argument(metavar="RUN", help=_RUN, callback=_any_run)]
ContextOption = Annotated[
    Optional[list[str]],
    typer.Option(help="The device: cpu, gpu, gpu(1) or auto. Repeat it to name what to try next."),
]
BackendOption = Annotated[
    Optional[list[str]],
    typer.Option(
        help="What computes: mxnet, xla, onnx or auto. Repeat it to name what to try next."
    ),
]
MinAccuracyOption = Annotated[
    Optional[float],
    typer.Option(min=0, max=1, help="Exit with 4 if the accuracy is below this."),
]


OverridesArgument = Annotated[
    Optional[list[str]],
    typer.Argument(metavar="KEY=VALUE", help="Overrides, as in optimizer.learning_rate=0.05"),
]
OutputOption = Annotated[Path, typer.Option("--output", "-o", help="Where the run folders go.")]
PlainOption = Annotated[bool, typer.Option(help="Print plain lines instead of progress bars.")]
ReportOption = Annotated[bool, typer.Option(help="Write report.html at the end.")]


def demand(least: Optional[float], accuracy: float) -> None:
    """Check an accuracy against ``--min-accuracy``.

    Raises:
        AccuracyMissed: if it is lower, or nan.

    >>> demand(0.98, 0.954)
    Traceback (most recent call last):
        ...
    mxdigits.errors.AccuracyMissed: the accuracy 0.9540 is below the 0.98 demanded
    """
    if least is not None and not accuracy >= least:  # nan demands what nothing reaches
        raise AccuracyMissed(f"the accuracy {accuracy:.4f} is below the {least:g} demanded")
