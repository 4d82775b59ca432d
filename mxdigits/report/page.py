"""Fills the templates in ``html/``. Everything that does not come from a template is escaped."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Optional

import numpy as np

from .. import __version__
from ..wording import NOTHING, flat, in_words, moment

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, **values: object) -> str:
    """Fill one of the templates in ``html/``.

    >>> render("report.html", results=results)  # doctest: +SKIP
    """
    return _environment().get_template(template).render(mxdigits=__version__, **values)


def decimals(value: Optional[float], digits: int = 4) -> str:
    """Return a number with the given number of decimals; a dash for None.

    >>> decimals(0.98765), decimals(None), decimals(12, 1)
    ('0.9877', '–', '12.0')
    """
    return NOTHING if value is None or math.isnan(value) else f"{value:.{digits}f}"


def percent(value: Optional[float], digits: int = 1) -> str:
    r"""Return a share as a percentage without a line break inside; a dash for None.

    >>> percent(0.955), percent(None)
    ('95.5\xa0%', '–')
    """
    if value is None or math.isnan(value):
        return NOTHING
    return f"{100 * value:.{digits}f}\N{NO-BREAK SPACE}%"


def count(value: object) -> str:
    """Return a whole number with separated thousands; empty for anything else.

    >>> count(60000), count("many")
    ('60,000', '')
    """
    return f"{value:,.0f}" if isinstance(value, (int, float, np.integer)) else ""


def flat_words(value: object, prefix: str = "") -> dict[str, str]:
    """Return nested values as {dotted key: text}, to show as a table or compare line by line.

    >>> flat_words({"data": {"name": "mnist", "train": 60000}})
    {'data.name': 'mnist', 'data.train': '60000'}
    """
    return {key: in_words(each) for key, each in flat(value, prefix)}


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # only when a page is made

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        decimals=decimals, percent=percent, count=count, flat=flat_words, moment=moment
    )
    return environment
