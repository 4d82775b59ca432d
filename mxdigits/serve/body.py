"""What a request sends: pixels for the network, or a picture that is not read yet; parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Optional, Union

import numpy as np

from ..arrays import Pixels
from ..data.images import check_brightness
from ..digitize.digits.size import SIZE
from ..errors import DataError
from .json_text import read_json, shown
from .limits import Refused, quoted
from .schemas import SentJson

# Most bytes of a JSON body beside its picture; 784 pixels, one per line, take a quarter of them.
MOST_JSON = 1 << 16

_JSON = "application/json"

# The beginning of a JSON object, list or string, which no picture has; a BOM may come first.
_JSON_OR_URL = re.compile(rb"(\xef\xbb\xbf)?\s*([{\[\"]|(?P<url>data:))", re.IGNORECASE)

# A JSON string, up to its end or the end of the text; it always matches, so it never backtracks.
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*("?)', re.S)

_WHAT_TO_SEND = (
    "send the bytes of a picture, as curl --data-binary @FILE does, or JSON with image or pixels"
)


@dataclass(frozen=True)
class SentPicture:
    """A picture file; or, if ``in_json``, a JSON string that holds the file in base64.

    >>> SentPicture(b"P5 28 28 255 ...").in_json
    False
    """

    content: bytes
    in_json: bool = False


def parse_body(body: bytes, content_type: str) -> Union[Pixels, SentPicture]:
    """Return the pixels (28, 28) or the picture in a body. It takes little time and memory.

    Args:
        body: a picture file, or JSON in the form of :class:`SentJson`.
        content_type: application/json means JSON. With any other type, the first bytes decide
            whether the body is a picture: no picture begins like JSON.

    Raises:
        Refused: if it holds neither.

    >>> parse_body(b'{"image": "iVBORw0KGgo="}', "application/json")
    SentPicture(content=b'"iVBORw0KGgo="', in_json=True)
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        raise Refused(415, f"the body is a form: {_WHAT_TO_SEND}")
    if not body:
        raise Refused(400, f"the body is empty: {_WHAT_TO_SEND}")
    if kind == _JSON:
        return _parse_json(body)
    if begun := _JSON_OR_URL.match(body):
        what = "a data: URL belongs into JSON, and JSON" if begun["url"] else "JSON"
        raise Refused(
            415,
            f"{what} is sent with the header Content-Type: application/json; curl --json does so",
        )
    return SentPicture(body)


def parse_query(given: Iterable[tuple[str, str]], *known: str) -> dict[str, str]:
    """Return the parameters of an address, each of which may be given once.

    Raises:
        Refused: if one is given twice, or is unknown; nobody should wonder why it has no effect.

    >>> parse_query([("label", "7")], "label")
    {'label': '7'}
    """
    values: dict[str, str] = {}
    for name, value in given:
        if name not in known:
            wanted = f"; write {known[0]}=..." if known else ": there is none here"
            raise Refused(422, f"{quoted(name)}: unknown parameter{wanted}")
        if name in values:
            raise Refused(422, f"{name}: is given twice; write it once")
        values[name] = value
    return values


def _parse_json(body: bytes) -> Union[Pixels, SentPicture]:
    short, image = _without_long_string(body)
    try:
        sent = read_json(short, "the JSON body")
    except DataError as error:
        raise Refused(422, str(error)) from None
    if not isinstance(sent, dict):
        raise Refused(422, f"the JSON body is {shown(sent)}; write an object with image or pixels")
    for key in sent:
        if key not in SentJson.model_fields:
            raise Refused(
                422, f"the JSON body: {quoted(key)}: unknown key; give either image or pixels"
            )
    given = {key: value for key, value in sent.items() if value is not None}
    if len(given) != 1:
        raise Refused(422, "the JSON body: give either image or pixels")
    if "pixels" in given:
        return _pixels_of(given["pixels"])
    text = given["image"]
    if not isinstance(text, str):
        raise Refused(
            422,
            f"the JSON body: image is {shown(text)}; "
            "write the picture's file in base64, or a data: URL of it",
        )
    return SentPicture(image or json.dumps(text).encode(), in_json=True)


def _pixels_of(rows: object) -> Pixels:
    """Rows of numbers as pixels (28, 28).

    Raises:
        Refused: if there are more or fewer, they are no pixels, or all of them are 0.
    """
    where, wrong = _wrong_pixels(rows)
    if wrong:
        raise Refused(
            422,
            f"the JSON body: pixels{where} {wrong}; "
            f"write {SIZE} rows of {SIZE} whole numbers from 0 to 255",
        )
    pixels = np.array(rows, np.uint8)
    if not pixels.any():  # as of a picture without ink
        raise Refused(422, "the JSON body: there is no digit in pixels: all are 0")
    try:
        check_brightness("the JSON body: pixels", int(pixels.max()))
    except DataError as error:
        raise Refused(422, str(error)) from None
    return pixels


def _wrong_pixels(rows: object) -> tuple[str, str]:
    """Where rows of pixels are wrong, such as ``[3][27]``, and how; two empty texts if nowhere."""
    if not isinstance(rows, list):
        return "", f"is {shown(rows)}"
    if len(rows) != SIZE:
        return "", f"has {len(rows)} row{_s(rows)}"
    for i, row in enumerate(rows):
        if not isinstance(row, list):
            return f"[{i}]", f"is {shown(row)}"
        if len(row) != SIZE:
            return f"[{i}]", f"has {len(row)} number{_s(row)}"
        for j, grey in enumerate(row):
            if type(grey) not in (int, float) or not (0 <= grey <= 255 and grey == int(grey)):
                return f"[{i}][{j}]", f"is {shown(grey)}"
    return "", ""


def _s(values: list[object]) -> str:
    return "" if len(values) == 1 else "s"


def _without_long_string(body: bytes) -> tuple[bytes, Optional[bytes]]:
    """A JSON body whose long string, if it has one, is replaced by an empty one; and that string.

    Parsed JSON takes up to 65 times its size. Only a picture may be long, and it is one string:
    that string is found without a parser, and the rest must be short.
    """
    if len(body) <= MOST_JSON:
        return body, None
    *_, last = [None, *_STRING.finditer(body[:MOST_JSON])]
    begin = last.start() if last and not last[1] else -1
    # No base64 holds a quote, so the first one ends it.
    end = body.find(b'"', begin + 1) if begin >= 0 else -1
    short = body[: begin + 1] + body[end:]
    if end < 0 or len(short) > MOST_JSON:
        raise Refused(
            413, f"the JSON body has more than {MOST_JSON} bytes beside its image; send a picture"
        )
    return short, body[begin : end + 1]
