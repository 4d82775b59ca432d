"""JSON for people and programs: one key of an object per line, one row of plain values per line."""

from __future__ import annotations

import json
from collections.abc import Mapping


def json_text(value: object, indent: int = 0) -> str:
    r"""Return a value as JSON, without an end of line.

    A list of objects or lists has each of them on its own line. Any other list stays on one line,
    however long it is, so a matrix takes little more than its digits.

    Example:
        >>> print(json_text({"epochs": 10, "sizes": [28, 28]}))
        {
          "epochs": 10,
          "sizes": [28, 28]
        }
    """
    inner = " " * (indent + 2)
    if isinstance(value, Mapping) and value:
        begin, end = "{}"
        parts = [
            f"{json.dumps(str(k))}: {json_text(each, indent + 2)}" for k, each in value.items()
        ]
    elif isinstance(value, (list, tuple)) and any(
        isinstance(each, (Mapping, list, tuple)) for each in value
    ):
        begin, end = "[]"
        parts = [json_text(each, indent + 2) for each in value]
    else:
        return json.dumps(value)
    lines = ",\n".join(inner + part for part in parts)
    return f"{begin}\n{lines}\n{' ' * indent}{end}"
