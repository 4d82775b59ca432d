"""The runs of which an ensemble was made, as its record names them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from ..storage.schema import as_dataclass
from ..values import Unchecked


@dataclass(frozen=True)
class Member:
    """A run of an ensemble: its folder, its recipe's name and its own test accuracy.

    ``same_data`` says whether that accuracy is of the images on which the ensemble was scored.
    Ensembles of earlier versions know only the folder.

    >>> Member("runs/mlp/20261123T153755Z-62fd27", recipe="mlp", accuracy=0.954).same_data
    True
    """

    run: str
    sha256: str = ""
    recipe: str = ""
    accuracy: Optional[float] = None
    same_data: bool = True


def members_of(record: dict[str, Unchecked]) -> list[Member]:
    """Return the runs of an ensemble from its record; none if it is no ensemble.

    >>> members_of({"members": [{"run": "runs/mlp/a", "sha256": "9f86d0"}]})[0].run
    'runs/mlp/a'
    >>> members_of({})
    []
    """
    found = as_dataclass(list[Member], record.get("members") or [])
    return found or []
