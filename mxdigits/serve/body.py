"""The body of a request: pixels for the network, or a picture that is not read yet."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Optional, Union

import numpy as np
from pydantic import ValidationError

from ..arrays import Pixels
from ..data.images import check_brightness
from ..errors import DataError
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


def _parse_json(body: bytes) -> Union[Pixels, SentPicture]:
    short, image = _without_long_string(body)
    try:
        sent = SentJson.model_validate_json(short)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"]))
        where = f"{quoted(place)}: " if place else ""
        said = first["msg"].replace("Input should be", "must be")
        if first["type"] == "extra_forbidden":
            said = "unknown key; give either image or pixels"
        raise Refused(422, f"the JSON body: {where}{said}") from None
    if (sent.image is None) == (sent.pixels is None):
        raise Refused(422, "the JSON body: give either image or pixels")
    if sent.pixels is None:
        return SentPicture(image or json.dumps(sent.image).encode(), in_json=True)
    pixels = np.array(sent.pixels, np.uint8)
    try:
        check_brightness("the JSON body: pixels", int(pixels.max()))
    except DataError as error:
        raise Refused(422, str(error)) from None
    return pixels


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
