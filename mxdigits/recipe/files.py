"""Finds recipes: files of the user by path, and shipped recipes by name."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Union

from ..arguments import as_path
from ..errors import UsageError
from ..plugins.suggest import closest, nearest
from ..storage.strict_yaml import MAX_CHARACTERS
from ..wording import hidden


def find_recipe(path: Union[str, Path]) -> Path:
    """The file of a recipe, given its path or the name of a shipped recipe.

    Raises:
        UsageError: if it is neither.

    >>> find_recipe("lenet").name
    'lenet.yaml'
    """
    if not isinstance(path, (str, Path)):
        keys = "; of its keys write mxdigits.Recipe.make(**keys)" * isinstance(path, Mapping)
        as_path("recipe", path, "a recipe, its file or the name of one", keys)
    shipped = shipped_recipes()
    if str(path) in shipped and not os.path.isfile(path):
        return shipped[str(path)]
    if os.path.exists(path):  # false for a name that is too long, where Path.exists raises
        return Path(path)
    if why := hidden(path):
        raise UsageError(f"cannot read the recipe {path}: {why}")
    from ..plugins.registry import MODELS  # slow, and shell completion imports this module

    stem, beside = Path(path).stem, {each.stem: each for each in recipes_in(Path(path).parent)}
    near = closest(stem, beside)
    hint = nearest(stem, shipped) if near is None else f"did you mean {str(beside[near])!r}?"
    if str(path) in MODELS.names():
        hint = f"a model of that name is there: write another recipe, and model={path} after it"
    raise UsageError(f"there is no file {path}, nor a shipped recipe of that name; {hint}")


def recipes_in(folder: Path) -> list[Path]:
    """The recipe files in a folder; none if it cannot be read.

    >>> _ = Path("mine.yaml").write_text("model: mlp")
    >>> [each.name for each in recipes_in(Path("."))]
    ['mine.yaml']
    """
    try:
        return sorted(folder.glob("*.yaml"))
    except (OSError, ValueError):
        return []


def shipped_recipes() -> dict[str, Path]:
    """The recipes that come with mxdigits: {name: file}.

    >>> list(shipped_recipes())[:2]
    ['best', 'digits']
    """
    folder = Path(__file__).parents[1] / "recipes"
    return {file.stem: file for file in sorted(folder.glob("*.yaml"))}


def read_file(file: Path, shown: object) -> str:
    """The text of a recipe file, which messages call ``shown``.

    A file that is too long is read only so far that the parser refuses it.

    Raises:
        UsageError: if it cannot be read.

    >>> read_file(find_recipe("mlp"), "mlp").splitlines()[1]
    'model: mlp'
    """
    try:
        with open(file, encoding="utf-8") as opened:
            return opened.read(MAX_CHARACTERS + 1)
    except UnicodeDecodeError:
        raise UsageError(
            f"cannot read the recipe {shown}: it is not UTF-8 text; save it in an editor as UTF-8"
        ) from None
    except IsADirectoryError:
        inside = recipes_in(file)
        hint = f"; did you mean {str(inside[0])!r}?" if len(inside) == 1 else ""
        raise UsageError(f"cannot read the recipe {shown}: it is a folder{hint}") from None
    except OSError as error:
        raise UsageError(f"cannot read the recipe {shown}: {error.strerror}") from None


def name_of(file: Path) -> str:
    """Return the name of a recipe in a file: the file's, without what a run's folder cannot have.

    Letters lose their accents, and other characters become hyphens.

    >>> name_of(Path("größer als 3.yaml")), name_of(Path("--.yaml"))
    ('gro-er-als-3', 'run')
    """
    plain = unicodedata.normalize("NFKD", file.stem)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", plain).lstrip("_.-")[:100].rstrip("-") or "run"
