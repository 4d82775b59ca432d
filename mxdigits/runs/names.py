"""Finds a run by its folder, or by a recipe's name, which means the newest run of that recipe."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Callable

from ..errors import RunFolderError, UsageError
from ..plugins.suggest import nearest
from ..wording import Say, age, hidden, shell_word
from .folder import RunFolder
from .groups import read_group
from .listing import DEFAULT_ROOT, read_run, started

_AHEAD = 60.0  # seconds by which clocks may differ without a word

Usable = Callable[[RunFolder], bool]


def check_different(paths: Sequence[Path]) -> None:
    """Refuse a run that is named twice: it would be compared with itself, or counted twice.

    Raises:
        UsageError: naming the run.

    Example:
        >>> check_different([Path("runs/mlp/a"), Path("runs/mlp/b")])
    """
    folders = [path.resolve() for path in paths]
    for path, folder in zip(paths, folders):
        if folders.count(folder) > 1:
            raise UsageError(
                f"{path} is there twice; a recipe's name stands for its newest run: name others by "
                "their folders, which mxdigits runs lists"
            )


def find_run(name: Path, usable: Usable, say: Say, *, root: Path = DEFAULT_ROOT) -> Path:
    """Return the folder of a run.

    Args:
        name: a run folder; a folder of runs, such as ``runs/mlp``; or the name of a folder in
            ``root``, such as ``mlp``. The last two stand for the newest usable run in them.
        usable: whether a run can be used for the purpose.
        say: told which run was taken, unless the run itself was named.
        root: the folder that holds the folders of runs.

    Returns:
        The run's folder. An existing folder without runs is returned too: whoever reads it will
        say what it lacks.

    Raises:
        UsageError: if it is a file, or a folder of several folders of runs.
        RunFolderError: if there is no such run.

    >>> find_run(Path("mlp"), RunFolder.has_network, print)  # doctest: +SKIP
    """
    if os.path.isfile(name):  # unlike Path.is_file, false if the name is too long
        if group := _grouped(name):
            raise UsageError(
                f"{name} is a group of {len(group)} runs, and one run is needed, such as {group[0]}"
            )
        raise UsageError(f"{name} is a file, and a run is a folder; {_how(root)}")
    if os.path.isdir(name) and _is_one(RunFolder(name)):
        return name
    for folder in (name, root / name):
        if runs := newest_first(folder):
            return _newest(folder, runs, usable, say)
    if os.path.isdir(name):
        inside = [folder for folder in _folders(name) if newest_first(folder)]
        if inside:
            raise UsageError(
                f"{name} holds the runs of {_listed(inside)}; name one, as in {inside[0]}"
            )
        return name
    if why := hidden(name):
        raise RunFolderError(f"cannot read the run folder {name}: {why}")
    raise RunFolderError(f"there is no run folder {name}{_hint(name, root)}")


def newest_first(folder: Path) -> list[RunFolder]:
    """Return the runs inside a folder, newest first; an empty list if it cannot be read.

    >>> newest_first(Path("no/such/folder"))
    []
    """
    runs = [run for path in _folders(folder) if (run := RunFolder(path)).is_run()]
    return sorted(runs, key=lambda run: (started(run), str(run)), reverse=True)


def _is_one(folder: RunFolder) -> bool:
    """Whether a folder is a run, or the remains of one."""
    return folder.is_run() or folder.record_file.is_file() or folder.has_network()


def _newest(folder: Path, runs: list[RunFolder], usable: Usable, say: Say) -> Path:
    run_taken = next((run for run in runs if usable(run)), None)
    if run_taken is None:
        raise RunFolderError(
            f"none of the {len(runs)} runs in {folder} holds a network yet; if training has "
            f"stopped, continue the newest: mxdigits resume {shell_word(folder)}"
        )
    newer = runs.index(run_taken)
    passed = f"; {newer} newer without a network" if newer else ""
    # The network of an unfinished run is not the result of its recipe.
    how = f"; {unfinished}" if (unfinished := read_run(run_taken.path).unfinished) else ""
    # Runs are newer by the clocks of their machines, of which one may be wrong.
    ahead = (started(run_taken) - datetime.now(timezone.utc)).total_seconds()
    how += f"; by its name it starts {age(-ahead)}: a clock is wrong" * (ahead >= _AHEAD)
    say(f"run: {run_taken}, the newest of {len(runs)} in {folder}{passed}{how}")
    return run_taken.path


def _folders(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(e.name for e in entries if e.is_dir(follow_symlinks=False))
    except (OSError, ValueError):
        return
    yield from (folder / name for name in names)


def _how(root: Path) -> str:
    known = known_runs(root)
    return "name the run first" + (f", such as {known[0]}" if known else "")


def known_runs(root: Path) -> list[str]:
    """Return the names of recipes that have runs.

    >>> known_runs(Path("no/such/folder"))
    []
    """
    return [folder.name for folder in _folders(root) if newest_first(folder)]


def _hint(name: Path, root: Path) -> str:
    if known := known_runs(root):
        return f", nor a run of that name in {root}; {nearest(str(name), known)}"
    if os.sep in str(name):  # a path to the runs of another folder
        return ""
    return f", and there are no runs in {root} yet; mxdigits run lenet would make one"


def _grouped(file: Path) -> list[Path]:
    """The runs of a group's file; none of any other file."""
    if file.suffix != ".json":
        return []
    with suppress(RunFolderError):
        return [file.parent / run for run in read_group(file).runs]
    return []


def _listed(folders: list[Path]) -> str:
    return ", ".join(folder.name for folder in folders)
