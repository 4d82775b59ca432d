"""Tables for pandas, and tables in HTML for notebooks."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from types import ModuleType

from ..errors import SetupError
from ..installing import why_not_imported


def import_pandas() -> ModuleType:
    """The module pandas.

    Raises:
        SetupError: if it is not installed, or does not start.

    Example:
        >>> import_pandas().DataFrame  # doctest: +SKIP
        <class 'pandas.DataFrame'>
    """
    try:
        return importlib.import_module("pandas")
    except Exception as error:  # also if it was built for another NumPy
        raise SetupError(why_not_imported("pandas", "pandas", "pandas", error)) from error


def html_table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table in HTML for notebooks; numbers are aligned right.

    Example:
        >>> html_table(["epoch"], [[0]])
        '<table><tr><th>epoch</th></tr><tr><td style="text-align:right">0</td></tr></table>'
    """
    head = "".join(f"<th>{_escaped(each)}</th>" for each in headers)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _cell(value: object) -> str:
    if isinstance(value, (int, float)):
        text = f"{value:,}" if isinstance(value, int) else f"{value:.4f}"
        return f'<td style="text-align:right">{text}</td>'
    return f"<td>{_escaped(str(value))}</td>"


def _escaped(text: str) -> str:
    from html import escape  # slow to import, and only notebooks need it

    return escape(text)
