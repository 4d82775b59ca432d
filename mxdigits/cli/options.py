"""Arguments and options that several commands share, and how commands print a note."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional, Union

import typer

from ..errors import AccuracyMissed, RunFolderError, UsageError
from ..printing import print_note as say
from . import completion, recipe_completion

if TYPE_CHECKING:
    from ..runs.names import Usable

__all__ = [
    "AnyRunArgument",
    "BackendOption",
    "CardArgument",
    "ContextOption",
    "LearnerArgument",
    "MinAccuracyOption",
    "NetworkArgument",
    "OutputOption",
    "OverridesArgument",
    "PlainOption",
    "RecipeArgument",
    "ReportOption",
    "RunArgument",
    "RunsArgument",
    "SetOption",
    "SourceArgument",
    "TtaOption",
    "check_ending",
    "demand",
    "say",
]


def check_ending(output: Path, kind: str, *endings: str) -> None:
    """Refuse the name of another kind of file: it might be one of the user's files.

    Raises:
        UsageError: if the name ends in none of the endings; the first one is proposed.
    """
    if output.suffix.lower() not in endings:
        raise UsageError(f"{output} is no name of {kind}: write {output.with_suffix(endings[0])}")


_RUN = "A run folder, or a recipe's name for its newest run."


def _with_network(context: typer.Context, name: Path) -> Path:
    """The folder of the named run, which must hold a network."""
    from ..runs.folder import RunFolder

    return _find(context, name, RunFolder.has_network)


# Not Sequence[Path] without Optional: Typer under Python 3.10 takes that for a class, and fails.
def _all_with_networks(
    context: typer.Context, names: Optional[Sequence[Path]]
) -> Optional[Sequence[Path]]:
    """The folder of each named run, which must hold a network; a group stands for all its runs."""
    if names is None or context.resilient_parsing:
        return names
    from ..runs.groups import group_file, runs_of
    from ..runs.listing import DEFAULT_ROOT

    found: list[Path] = []
    for name in names:
        file = group_file(name) or group_file(DEFAULT_ROOT / name)
        found += runs_of(file) if file else [_with_network(context, name)]
    return found


def _with_network_or_symbol(context: typer.Context, name: Path) -> Path:
    """The folder of the named run or installed network; a symbol file is returned unchanged."""
    if isinstance(name, Path) and os.path.isfile(name):
        if name.suffix == ".json":
            return name
        raise UsageError(
            f"{name}: what is exported is a run, an installed network, or a NAME-symbol.json with "
            "its NAME-0000.params beside it"
        )
    if isinstance(name, Path) and name.suffix == ".json" and not os.path.lexists(name):
        raise UsageError(f"there is no file {name}")
    if isinstance(name, Path) and (installed := _installed_folder(str(name))):
        return installed
    return _with_network(context, name)


def _installed_folder(name: str) -> Optional[Path]:
    """The folder of an installed network; None if there is none, or a run has this name.

    Raises:
        UsageError: if it is installed as an ONNX file.
    """
    from ..predict.networks import installed_network

    found = installed_network(name, say)
    if found is not None and not found.is_dir():
        raise UsageError(f"the network {name} is an ONNX file already: {found}")
    return found


def _with_weights(context: typer.Context, name: Path) -> Path:
    """The folder of the named run or installed network, whose weights can be trained."""
    from ..predict.networks import installed_network
    from ..predict.opening import with_weights

    if isinstance(name, Path) and (installed := installed_network(str(name), say)):
        return with_weights(installed)
    return _with_network(context, name)


def _any_run(context: typer.Context, name: Path) -> Path:
    """The folder of the named run, whatever it holds."""
    return _find(context, name, lambda folder: True)


def _find(context: typer.Context, name: Path, usable: "Usable") -> Path:
    from ..runs.names import find_run

    if context.resilient_parsing:  # during shell completion
        return name
    try:
        return find_run(name, usable, say)
    except RunFolderError:
        if not os.path.lexists(name) and _is_installed(str(name)):
            verb = context.command_path.partition(" ")[2]
            raise _not_a_run(str(name), verb) from None
        raise


def _is_installed(name: str) -> bool:
    from ..plugins.registry import NETWORKS

    return name in NETWORKS


def _not_a_run(network: str, verb: str) -> RunFolderError:
    from ..runs.listing import DEFAULT_ROOT
    from ..runs.names import known_runs

    known = known_runs(DEFAULT_ROOT)
    how = f"name one, such as {known[0]}" if known else "mxdigits run lenet would make one"
    return RunFolderError(f"{network} is an installed network, and {verb} takes a run; {how}")


# For verbs that use the network of a run.
RunArgument = Annotated[
    Path,
    typer.Argument(
        metavar="RUN", help=_RUN, callback=_with_network, autocompletion=completion.runs
    ),
]
RunsArgument = Annotated[
    list[Path],
    typer.Argument(
        metavar="RUN...",
        help="Two runs or more: folders, or names. A group stands for its runs: the folder of "
        "mxdigits folds, or the seeds.json of mxdigits run --seeds.",
        callback=_all_with_networks,
        autocompletion=completion.runs_and_groups,
    ),
]
# For verbs that predict; they find the network themselves with ``networks.py``.
NetworkArgument = Annotated[
    Optional[str],
    typer.Argument(
        metavar="RUN",
        help=f"{_RUN[:-1]}; or an installed network's, or a .onnx file of mxdigits export; "
        "by default the network that comes with mxdigits.",
        show_default=False,
        autocompletion=completion.runs_and_networks,
    ),
]
# For the verb that writes model cards; an installed network has its own card.
CardArgument = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help=f"{_RUN[:-1]}; or an installed network's.",
        autocompletion=completion.runs_and_networks,
    ),
]
# For the verb that exports; MXNet's own files are accepted too.
SourceArgument = Annotated[
    Path,
    typer.Argument(
        metavar="RUN",
        help=f"{_RUN[:-1]}; or an installed network's; or the symbol.json of any network, "
        "with --input-shape.",
        callback=_with_network_or_symbol,
        autocompletion=completion.runs_and_networks,
    ),
]
# For verbs that train a network further.
LearnerArgument = Annotated[
    Path,
    typer.Argument(
        metavar="RUN",
        help=f"{_RUN[:-1]}; or an installed network's.",
        callback=_with_weights,
        autocompletion=completion.runs_and_networks,
    ),
]
# For verbs that accept any run.
AnyRunArgument = Annotated[
    Path,
    typer.Argument(metavar="RUN", help=_RUN, callback=_any_run, autocompletion=completion.runs),
]
ContextOption = Annotated[
    Optional[list[str]],
    typer.Option(
        help="The device: cpu, gpu, gpu(1) or auto. Repeat it to name the next to try.",
        autocompletion=completion.devices,
    ),
]
BackendOption = Annotated[
    Optional[list[str]],
    typer.Option(
        help="What computes: mxnet, xla, onnx, torch, auto, or fastest, which is measured. Repeat "
        "it to name the next to try.",
        autocompletion=completion.backends,
    ),
]
TtaOption = Annotated[
    int,
    typer.Option(
        min=1,
        max=64,
        help="Predict this many shifted and rotated views of each image, and take the mean.",
    ),
]
MinAccuracyOption = Annotated[
    Optional[float],
    typer.Option(min=0, max=1, help="Exit with 4 if the accuracy is below this."),
]


RecipeArgument = Annotated[
    str,
    typer.Argument(
        metavar="RECIPE",
        help="A recipe file, or a shipped recipe's name.",
        autocompletion=completion.recipes,
    ),
]
OverridesArgument = Annotated[
    Optional[list[str]],
    typer.Argument(
        metavar="KEY=VALUE",
        help="Overrides, as in optimizer.learning_rate=0.05",
        autocompletion=recipe_completion.overrides,
    ),
]
SetOption = Annotated[
    Optional[list[str]],
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Another override.",
        autocompletion=recipe_completion.overrides,
    ),
]
OutputOption = Annotated[Path, typer.Option("--output", "-o", help="Where the run folders go.")]
PlainOption = Annotated[bool, typer.Option(help="Print plain lines instead of progress bars.")]
ReportOption = Annotated[bool, typer.Option(help="Write report.html at the end.")]


def one_or_several(given: Optional[list[str]]) -> Union[str, list[str]]:
    """The value of an option that may be repeated: a word or a list; ``auto`` by default.

    >>> one_or_several(["fastest"]), one_or_several(["xla", "mxnet"]), one_or_several(None)
    ('fastest', ['xla', 'mxnet'], 'auto')
    """
    if not given:
        return "auto"
    return given[0] if len(given) == 1 else given


def demand(least: Optional[float], accuracy: float) -> None:
    """Check an accuracy against ``--min-accuracy``.

    Raises:
        AccuracyMissed: if it is lower, or nan.

    >>> demand(0.98, 0.954)
    Traceback (most recent call last):
        ...
    mxdigits.errors.AccuracyMissed: the accuracy 0.9540 is below the 0.98 demanded
    """
    if least is not None and not accuracy >= least:  # true also if one of them is nan
        raise AccuracyMissed(f"the accuracy {accuracy:.4f} is below the {least:g} demanded")
