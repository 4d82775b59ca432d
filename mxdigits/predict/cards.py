"""The model cards that come with installed networks."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional

from ..errors import RecipeError
from ..plugins.entry import Entry
from ..plugins.signatures import SourceMissing, source_path
from ..storage.files import read_plain
from ..storage.strict_yaml import read
from .networks import network_path

CARD = "README.md"  # in the folder of the network, or beside its file


def network_card(name: str) -> str:
    """Return the model card of an installed network; empty if it has none.

    Raises:
        MxdigitsError: as :func:`~mxdigits.predict.networks.network_path`.

    Example:
        >>> network_card("digits").splitlines()[0]
        '---'
    """
    path = network_path(name)
    return _text_of(path / CARD if path.is_dir() else path.with_name(CARD))


def network_accuracy(entry: Entry) -> Optional[float]:
    """Return the test accuracy in the card of an installed network; None if the card has none.

    The card is looked for beside the module that the entry point names, which is not imported.

    Example:
        >>> from mxdigits.plugins.registry import NETWORKS
        >>> network_accuracy(NETWORKS.entry("digits")) > 0.99
        True
    """
    try:
        module = source_path(entry.place()[0])
    except SourceMissing:
        return None
    return None if module is None else accuracy_of(_text_of(module.with_name(CARD)))


def accuracy_of(card: str) -> Optional[float]:
    """Return the accuracy in a card's metadata, which model hubs read; None if there is none.

    Example:
        >>> accuracy_of("no metadata") is None
        True
    """
    begin, _, rest = card.partition("---\n")
    try:
        found: Any = None if begin else read(rest.partition("\n---\n")[0], CARD).value
        figures = found["model-index"][0]["results"][0]["metrics"]
        values = [each["value"] for each in figures if each["type"] == "accuracy"]
    except (RecipeError, KeyError, IndexError, TypeError):  # anybody may have written the card
        return None
    return values[0] if values and isinstance(values[0], float) and 0 <= values[0] <= 1 else None


def _text_of(card: Path) -> str:
    try:
        return read_plain(card).decode("utf-8", "replace")
    except OSError:
        return ""
