"""Writes new plugins from the smallest complete ones in ``plugins/``, one of each kind.

The templates are those plugins themselves, installed with mxdigits; only their names are changed.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ..errors import OutputError, UsageError
from .installed import installed, installed_version
from .own import OURS
from .registry import (
    AUGMENTATIONS,
    CALLBACKS,
    DATASETS,
    EXPORTERS,
    MODELS,
    NETWORK_FORMATS,
    Registry,
)

TEMPLATES = Path(__file__).parent / "templates"

# The files of a template that are copied; its tests and builds may have left others there.
_FILES = ("*.py", "*.cfg", "*.toml", "*.ini", "*.md", "*.yaml", "tests/*.py")


@dataclass(frozen=True)
class Names:
    """The names of a plugin: of its distribution, its module and its class, and in recipes.

    Example:
        >>> Names("mxdigits-tiny").all
        ('mxdigits-tiny', 'mxdigits_tiny', 'Tiny', 'tiny')
    """

    distribution: str

    @property
    def module(self) -> str:
        return self.distribution.replace("-", "_")

    @property
    def registered(self) -> str:
        return self.module[len(OURS) + 1 :] if self.module.startswith(f"{OURS}_") else self.module

    @property
    def words(self) -> str:
        """The beginning of its class name."""
        return "".join(map(str.capitalize, self.registered.split("_")))

    @property
    def all(self) -> tuple[str, ...]:
        # The longest first, since it may contain the others.
        return self.distribution, self.module, self.words, self.registered


@dataclass(frozen=True)
class _Kind:
    registry: Registry
    template: Names


_KINDS = {
    "model": _Kind(MODELS, Names("mxdigits-tiny")),
    "dataset": _Kind(DATASETS, Names("mxdigits-stripes")),
    "augmentation": _Kind(AUGMENTATIONS, Names("mxdigits-grain")),
    "callback": _Kind(CALLBACKS, Names("mxdigits-target")),
    "format": _Kind(EXPORTERS, Names("mxdigits-tsv")),
    "network-format": _Kind(NETWORK_FORMATS, Names("mxdigits-crate")),
}


def write_plugin(name: str, kind: str, parent: Path) -> list[str]:
    """Write a plugin into a new folder.

    Args:
        name: of the distribution and the folder.
        kind: ``model``, ``dataset``, ``augmentation``, ``callback``, ``format`` or
            ``network-format``.
        parent: the folder in which the new one is made.

    Returns:
        The files, as paths below ``parent``.

    Raises:
        UsageError: if the name is invalid, or already taken; then nothing is written.
        OutputError: if the folder cannot be written.

    Example:
        >>> write_plugin("mxdigits-example", "callback", Path("."))[-1]
        'mxdigits-example/tox.ini'
    """
    names, template = Names(name), _KINDS[kind].template
    _check(names, _KINDS[kind].registry)
    try:
        (parent / name).mkdir()
    except FileExistsError:
        raise UsageError(f"{name} is there already; nothing was written") from None
    except OSError as error:
        raise OutputError(f"cannot write {name}: {error.strerror}") from None
    replace = dict(zip(template.all, names.all))
    written = []
    for file in _files(TEMPLATES / kind):
        path = Path(name, _renamed(str(file.relative_to(TEMPLATES / kind)), replace))
        try:
            (parent / path).parent.mkdir(exist_ok=True)
            text = _renamed(file.read_text(encoding="utf-8"), replace)
            (parent / path).write_text(text, encoding="utf-8")
        except OSError as error:
            raise OutputError(f"cannot write {path}: {error.strerror}") from None
        written.append(str(path))
    return sorted(written)


def _files(template: Path) -> list[Path]:
    return sorted(file for pattern in _FILES for file in template.glob(pattern))


def _renamed(text: str, replace: dict[str, str]) -> str:
    """A text with all names replaced in one pass, since one name may contain another."""
    return re.sub("|".join(map(re.escape, replace)), lambda match: replace[match[0]], text)


def _check(names: Names, registry: Registry) -> None:
    name = names.distribution
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise UsageError(
            f"{name!r} cannot be the name of a package: write lower-case letters, digits and "
            "single hyphens, a letter first, as in mxdigits-tiny"
        )
    for each in names.all:
        if each == OURS or keyword.iskeyword(each):
            raise UsageError(f"{name!r} cannot be the name of a package: {each} is taken")
    if any(each.name == name for each in installed()):
        return  # the user writes an installed plugin anew
    if installed_version(name) is not None:
        raise UsageError(f"there is a package {name!r} already; choose another name")
    if find_spec(names.module) is not None:
        raise UsageError(f"there is a module {names.module!r} already; choose another name")
    for entry in registry.entries(names.registered):
        raise UsageError(
            f"there is a {registry.noun} {names.registered!r} already ({entry}); "
            "choose another name"
        )
