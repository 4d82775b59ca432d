"""A group of runs, listed in a file: one recipe with several seeds, or on each fold of its data."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Optional

from pydantic import AwareDatetime, ValidationError

from ..errors import RunFolderError
from ..storage.files import read_plain, write_text
from ..storage.json_text import json_text
from ..storage.schema import Schema
from .group_files import GROUP


class Group(Schema):
    """Runs of one recipe: ``runs`` are their folders, relative to that of the file.

    ``recipe`` is the text that each of them began with. For folds, ``folds`` is their number and
    ``seed`` that of their division; for seeds, ``seeds`` is their number and ``begun`` the start of
    the first. ``runs`` stays empty until the last run is done.

    >>> Group(kind="seeds", runs=["20261123T153755Z-62fd27"]).kind
    'seeds'
    """

    kind: Literal["seeds", "folds"]
    runs: list[str] = []
    recipe: str = ""
    folds: int = 0
    seed: int = 0
    seeds: int = 0
    begun: Optional[AwareDatetime] = None

    @property
    def is_done(self) -> bool:
        """Whether each fold or seed has its run; groups of mxdigits 0.1.0 do not say how many."""
        return len(self.runs) >= max(self.folds, self.seeds, 1)


def group_file(path: Path) -> Optional[Path]:
    """Return the group's file that a file or a folder stands for; None if it stands for no group.

    >>> group_file(Path("runs/mlp-folds")) is None
    True
    """
    if path.suffix == ".json" and os.path.isfile(path):
        return path
    return path / GROUP if os.path.isfile(path / GROUP) else None


def write_group(file: Path, group: Group) -> None:
    """Write a group.

    Raises:
        OutputError: if it cannot be written.

    >>> write_group(Path("group.json"), Group(kind="seeds", runs=["a", "b"]))
    >>> read_group(Path("group.json")).runs
    ['a', 'b']
    """
    write_text(file, json_text(group.model_dump(mode="json")) + "\n")


def read_group(file: Path) -> Group:
    """Read a group.

    Raises:
        RunFolderError: if the file cannot be read, or is no group's file.

    >>> read_group(Path("no/such/group.json"))
    Traceback (most recent call last):
        ...
    mxdigits.errors.RunFolderError: cannot read no/such/group.json: No such file or directory
    """
    try:
        return Group.model_validate_json(read_plain(file))
    except OSError as error:
        raise RunFolderError(f"cannot read {file}: {error.strerror}") from None
    except ValidationError:
        raise RunFolderError(f"{file} is no group of runs") from None


def runs_of(file: Path) -> list[Path]:
    """Return the run folders of a group.

    Raises:
        RunFolderError: if the group is damaged, or some of its folds or seeds are not done.

    >>> write_group(Path("seeds.json"), Group(kind="seeds", runs=["a", "b"]))
    >>> runs_of(Path("seeds.json"))
    [PosixPath('a'), PosixPath('b')]
    """
    group = read_group(file)
    if not group.is_done:
        raise RunFolderError(
            f"{file}: {len(group.runs)} of {group.folds or group.seeds} {group.kind} are done; "
            "repeat the command that began them to continue"
        )
    return [file.parent / each for each in group.runs]


def relative_runs(file: Path, runs: Sequence[Path]) -> list[str]:
    """Return run folders relative to the group's file.

    >>> relative_runs(Path("runs/mlp/seeds.json"), [Path("runs/mlp/a"), Path("runs/b")])
    ['a', '../b']
    """
    return [os.path.relpath(each, file.parent) for each in runs]
