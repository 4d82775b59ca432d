"""Recipes that extend others: ``extends: lenet``.

The rule: each key of a recipe replaces the whole value of that key in the recipe it extends.
"""

from __future__ import annotations

import copy
import os
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Optional

from ..errors import RecipeError, UsageError
from ..plugins.suggest import nearest
from ..storage.strict_yaml import Document, Path, prefix, read
from ..values import as_written
from .environment import expand
from .files import read_file, recipes_in, shipped_recipes

EXTENDS = "extends"


@dataclass(frozen=True)
class Layers:
    r"""The document of a recipe, followed by those of the recipes that it extends, in turn.

    >>> layers = read_layers("extends: mlp\nepochs: 3\n", "mine.yaml")
    >>> layers.value["model"], layers.value["epochs"]
    ('mlp', 3)
    >>> layers.place(("epochs",)), layers.place(("model",))
    ('mine.yaml:2:1', 'mlp:2:1')
    """

    documents: tuple[Document, ...]

    @property
    def value(self) -> dict[str, object]:
        """The merged recipe: the value of each key from the first document that has it."""
        together: dict[str, object] = {}
        for document in reversed(self.documents):
            together.update(copy.deepcopy(document.value))
        together.pop(EXTENDS, None)
        return together

    @property
    def problems(self) -> list[str]:
        """The YAML errors of all documents."""
        return [problem for document in self.documents for problem in document.problems]

    def holds(self, path: Path) -> bool:
        """Whether one of the documents has this path."""
        return any(path in document.marks for document in self.documents)

    def mark(self, path: Path) -> tuple[int, int, int]:
        """The number of the document that has a path, the line and the column, as a sort key."""
        number = self._number(path)
        return (number, *self.documents[number].mark(path))

    def place(self, path: Path) -> str:
        """``source:line:column`` of a path, in the document that has it."""
        return self.documents[self._number(path)].place(path)

    def _number(self, path: Path) -> int:
        saying = (i for i, each in enumerate(self.documents) if path[:1] in each.marks)
        return next(saying, 0) if path else 0


def read_layers(text: str, source: str, file: Optional[FilePath] = None) -> Layers:
    """Read a recipe's text, and the files of all recipes that it extends.

    Args:
        text: the recipe.
        source: its name in messages.
        file: its file, if it has one; a path in ``extends`` is relative to the folder of that
            file, otherwise to the current folder.

    Raises:
        RecipeError: if one of them is not a mapping, or extends a missing recipe or itself.

    >>> [document.source for document in read_layers("extends: mlp", "mine.yaml").documents]
    ['mine.yaml', 'mlp']
    """
    documents: list[Document] = []
    files = [] if file is None else [file]
    while True:
        document = read(text, source)
        documents.append(document)
        if not isinstance(document.value, dict):
            what = f"{source}:1:1: a recipe is a mapping; begin with model: lenet"
            raise RecipeError(Layers(tuple(documents)).problems or [what])
        if EXTENDS not in document.value:
            return Layers(tuple(documents))
        try:
            parent, source = _find(document.value[EXTENDS], file)
            _check_cycle(parent, files, documents)
            text = read_file(parent, source)
        except (UsageError, ValueError) as error:
            what = f"{document.place((EXTENDS,))}: {prefix((EXTENDS,))}{error}"
            raise RecipeError([*Layers(tuple(documents)).problems, what]) from None
        files.append(parent)
        file = parent


def _find(value: object, child: Optional[FilePath]) -> tuple[FilePath, str]:
    """The file of the recipe that ``extends`` names, and its name in messages.

    Raises:
        ValueError: if there is no such recipe.
    """
    if not isinstance(value, str) or not value:
        raise ValueError(
            f"must be a recipe's file, or a shipped recipe's name, got {as_written(value)}"
        )
    path = FilePath(os.path.expanduser(expand(value)))
    file = path if child is None else child.parent / path
    if os.path.isfile(file):
        return file, str(file)
    shipped = shipped_recipes()
    if value in shipped:
        return shipped[value], value
    if os.path.exists(file):
        raise ValueError(f"{file} is not a file")
    beside = [each.name for each in recipes_in(file.parent)]
    raise ValueError(
        f"there is no file {file}, nor a shipped recipe of that name; "
        f"{nearest(path.name, [*shipped, *beside])}"
    )


def _check_cycle(parent: FilePath, files: list[FilePath], documents: list[Document]) -> None:
    """Check that a recipe is not extended twice.

    Raises:
        ValueError: if it is; names the whole cycle.
    """
    paths = [os.path.realpath(file) for file in files]
    if os.path.realpath(parent) not in paths:
        return
    first = paths.index(os.path.realpath(parent)) + len(documents) - len(files)
    way = [document.source for document in documents[first:]]
    raise ValueError(f"a recipe cannot extend itself: {' extends '.join([*way, way[0]])}")
