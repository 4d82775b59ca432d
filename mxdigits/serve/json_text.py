"""JSON of a client: read strictly, and what is wrong with it in words."""

from __future__ import annotations

import json

from ..errors import DataError
from .limits import quoted


def read_json(text: bytes, what: str) -> object:
    """Return the value of a JSON text in UTF-8, in which a key may occur once.

    Args:
        text: the JSON.
        what: what it is, for messages.

    Raises:
        DataError: if it is none, or a key occurs twice: nobody knows which one is meant.

    >>> read_json(b'{"pixels": [[0]]}', "the JSON body")
    {'pixels': [[0]]}
    >>> read_json(b'["a" "b"]', "the JSON body")
    Traceback (most recent call last):
        ...
    mxdigits.errors.DataError: the JSON body is no JSON: expecting ',' delimiter (line 1, column 6)
    """

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        values: dict[str, object] = {}
        for key, value in pairs:
            if key in values:
                raise DataError(f"{what}: {quoted(key)} occurs twice; write it once")
            values[key] = value
        return values

    try:
        value: object = json.loads(text.decode("utf-8-sig"), object_pairs_hook=once)
        return value
    except RecursionError:
        raise DataError(f"{what} is nested too deeply") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{what} is not in UTF-8 (byte {error.start + 1})") from None
    except json.JSONDecodeError as error:
        said = error.msg[:1].lower() + error.msg[1:].replace(" at", "")
        where = f"line {error.lineno}, column {error.colno}"
        raise DataError(f"{what} is no JSON: {said} ({where})") from None
    except ValueError:  # Python reads whole numbers of 4,300 digits at most
        raise DataError(f"{what} has a number of too many digits") from None


def shown(value: object) -> str:
    """A value of JSON in an answer: a number as it is, of a text or a list only what it is.

    >>> shown(256), shown(None), shown([1, 2])
    ('256', 'null', 'a list')
    """
    if value is None or isinstance(value, (bool, int, float)):
        return quoted(json.dumps(value))[1:-1]
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, list) else "an object"
