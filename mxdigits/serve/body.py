"""The body of a request to the picture that the network receives."""

from __future__ import annotations

from typing import Annotated, Optional

import numpy as np
from numpy.typing import NDArray
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, ValidationError

from ..digitize import SIZE, digitize, open_picture
from ..errors import DataError
from .limits import Refused

_Grey = Annotated[int, Field(ge=0, le=255)]
_Row = Annotated[list[_Grey], Field(min_length=SIZE, max_length=SIZE)]


class SentJson(BaseModel):
    """What a JSON body may hold: one of the two."""

    model_config = ConfigDict(extra="forbid")

    image: Annotated[Optional[Base64Bytes], Field(description="a picture file, in base64")] = None
    pixels: Annotated[
        Optional[list[_Row]],
        Field(
            min_length=SIZE,
            max_length=SIZE,
            description="a digit in MNIST's form: rows from top to bottom, 0 for background",
        ),
    ] = None


def read_digit(body: bytes, content_type: str, most_pixels: int) -> NDArray[np.uint8]:
    """The digit of a body in MNIST's form, uint8 (28, 28).

    Args:
        body: a picture file, or JSON as of :class:`SentJson`.
        content_type: JSON where it is application/json; a picture whatever else it says, because
            a picture shows by itself what it is.
        most_pixels: a picture of more is refused.

    Raises:
        Refused: if there is no digit to be had from it.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        raise Refused(415, "send the picture itself as the body: curl --data-binary @FILE")
    if not body:
        raise Refused(400, "the body is empty: send a picture, or JSON with image or pixels")
    if kind != "application/json":
        return _digit(body, most_pixels)
    try:
        sent = SentJson.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = "".join(f"{place}: " for place in [".".join(map(str, first["loc"]))] if place)
        raise Refused(422, f"the JSON body: {where}{first['msg']}") from None
    if (sent.image is None) == (sent.pixels is None):
        raise Refused(422, "the JSON body: give either image or pixels")
    if sent.image is not None:
        return _digit(sent.image, most_pixels)
    return np.array(sent.pixels, np.uint8)


def _digit(picture: bytes, most_pixels: int) -> NDArray[np.uint8]:
    try:
        digit = digitize(open_picture(picture, most_pixels=most_pixels))
    except DataError as error:
        raise Refused(422, str(error)) from None
    if not digit.any():
        raise Refused(422, "there is no digit in the picture")
    return digit
