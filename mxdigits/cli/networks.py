"""Finds the network for a verb that predicts: a run's, an installed one, a file, or the default."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from ..errors import RunFolderError, UsageError
from ..printing import print_note as say


def network_of(name: Optional[str]) -> Path:
    """The run folder, or the folder or file of the network, that a name stands for.

    Args:
        name: a run folder, a recipe's name for its newest run, an installed network's name, or an
            ONNX file; None for the network that comes with mxdigits.

    Raises:
        MxdigitsError: if there is none of that name.
    """
    if name is not None and name.endswith(".onnx") and not os.path.isdir(name):
        if os.path.exists(name):
            return Path(name)
        raise UsageError(f"there is no file {name}")
    from ..predict.networks import installed_network, on_board
    from ..predict.other_files import of_mxnet

    if name is not None and os.path.isfile(name) and (what := of_mxnet(Path(name))):
        raise UsageError(f"{name}: no run, but {what}")
    if name is None:
        return on_board(say)
    installed = installed_network(name, say)
    if installed is not None:
        return installed
    from ..runs.folder import RunFolder
    from ..runs.names import find_run

    try:
        return find_run(Path(name), RunFolder.has_network, say)
    except RunFolderError as error:
        raise _with_installed(error, name) from None


def network_and_inputs(name: Optional[str], inputs: Sequence[str]) -> tuple[Path, list[str]]:
    """The network of ``mxdigits predict [RUN] [INPUT]...``, and the remaining inputs.

    The first word is a run if it can be one. If it is an input or an option of the data set
    instead, no run was named.

    Args:
        name: the first word; None if there is none.
        inputs: the words after it.

    Raises:
        MxdigitsError: if the first word is neither.
    """
    from ..predict.input_names import is_address, missing

    if name is None:
        return network_of(None), [*inputs]
    if _is_input(name):
        return network_of(None), [name, *inputs]
    try:
        found = network_of(name)
    except RunFolderError:
        if _is_readable(name) or _is_option(name):
            return network_of(None), [name, *inputs]
        if glob.has_magic(name) or is_address(name):
            raise UsageError(missing(name)) from None
        if Path(name).suffix:
            what = f"there is no file {name}, nor a run or a network of that name"
            raise UsageError(what) from None
        raise
    if _is_no_run(found):
        if _is_readable(name):
            return network_of(None), [name, *inputs]
        if not inputs:
            raise UsageError(f"{missing(name)}, nor a run")
    return found, [*inputs]


def network_and_options(
    name: Optional[str], options: Optional[Sequence[str]]
) -> tuple[Path, list[str]]:
    """The network of ``mxdigits score [RUN] [KEY=VALUE]...``, and the options of the data set."""
    given = [*(options or [])]
    if name is not None and _is_option(name):
        return network_of(None), [name, *given]
    return network_of(name), given


def installed_name(given: Optional[str], path: Path) -> str:
    """The name of the installed network at ``path``, or empty; ``given`` is the verb's argument."""
    from ..plugins.registry import NETWORKS
    from ..predict.networks import ON_BOARD, network_path

    name = given or ON_BOARD
    return name if name in NETWORKS and network_path(name) == path else ""


def _is_input(name: str) -> bool:
    """Whether a word is an input and not a run: a file, a pipe or the like, or ``-``."""
    there = os.path.lexists(name) and not os.path.isdir(name)
    return name == "-" or (there and not name.endswith(".onnx"))


def _is_option(name: str) -> bool:
    return "=" in name and not os.path.lexists(name)


def _is_no_run(path: Path) -> bool:
    """Whether a folder exists, but has no files of a run."""
    if not path.is_dir():
        return False
    from ..runs.folder import RunFolder

    folder = RunFolder(path)
    return not (folder.is_run() or folder.record_file.is_file() or folder.has_network())


def _is_readable(name: str) -> bool:
    """Whether a word names something to predict: a folder, a pattern, a data set."""
    from ..predict.input_names import missing

    try:
        return not missing(name)
    except OSError:  # the name is too long
        return False


def _with_installed(error: RunFolderError, name: str) -> RunFolderError:
    """The error, with the names of installed networks among its proposals."""
    from ..plugins.registry import NETWORKS
    from ..plugins.suggest import nearest
    from ..runs.listing import DEFAULT_ROOT
    from ..runs.names import known_runs

    networks, runs = NETWORKS.names(), known_runs(DEFAULT_ROOT)
    known = os.path.lexists(name) or name in runs or os.path.lexists(DEFAULT_ROOT / name)
    if known or os.sep in name:  # a path cannot be a network's name
        return error
    among = f", nor a run of that name in {DEFAULT_ROOT}" * bool(runs)
    return RunFolderError(
        f"there is no run folder {name}{among}, nor an installed network of that name; "
        f"{nearest(name, [*runs, *networks])}"
    )
