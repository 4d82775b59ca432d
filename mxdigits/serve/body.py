"""The body of a request to the digit in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Optional

import numpy as np
from numpy.typing import NDArray
from pydantic import Base64Bytes, ConfigDict, Field, ValidationError

from ..data.images import check_brightness
from ..digitize import SIZE, open_picture
from ..errors import DataError
from ..ink import reduced
from ..preprocessing import NONE, Preprocessing
from ..schema import Schema
from .limits import Refused

_KEPT_SIDE = 1000  # pixels; digitizing looks at no more

_Grey = Annotated[int, Field(ge=0, le=255)]
_Row = Annotated[list[_Grey], Field(min_length=SIZE, max_length=SIZE)]


class SentJson(Schema):
    """What a JSON body may hold: one of the two."""

    model_config = ConfigDict(extra="forbid")

    image: Annotated[Optional[Base64Bytes], Field(description="a picture file, in base64")] = None
    pixels: Annotated[
        Optional[list[_Row]],
        Field(
            min_length=SIZE,
            max_length=SIZE,
            description="what the network is to receive: rows from top to bottom, 0 for background",
        ),
    ] = None


@dataclass(frozen=True, eq=False)
class Sent:
    """A digit that was sent.

    ``image`` is what the network receives, uint8 (28, 28); ``light`` is the picture it was made
    from, float32 (H, W), or None where nothing was made.
    """

    image: NDArray[np.uint8]
    light: Optional[NDArray[np.float32]] = None

    def to_keep(self) -> NDArray[np.uint8]:
        """What to train on, grey (H, W): digitized, it gives the image, as nearly as can be."""
        if self.light is None:
            return self.image
        return np.asarray(np.rint(reduced(self.light, _KEPT_SIDE) * 255), np.uint8)


def read_digit(
    body: bytes, content_type: str, preprocessing: Preprocessing, most_pixels: int
) -> Sent:
    """The digit of a body.

    Args:
        body: a picture file, or JSON as of :class:`SentJson`.
        content_type: JSON where it is application/json; a picture whatever else it says, because
            a picture shows by itself what it is.
        preprocessing: what a picture goes through; pixels go through nothing.
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
        return _from_picture(body, preprocessing, most_pixels)
    try:
        sent = SentJson.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = "".join(f"{place}: " for place in [".".join(map(str, first["loc"]))] if place)
        raise Refused(422, f"the JSON body: {where}{first['msg']}") from None
    if (sent.image is None) == (sent.pixels is None):
        raise Refused(422, "the JSON body: give either image or pixels")
    if sent.image is not None:
        return _from_picture(sent.image, preprocessing, most_pixels)
    image = np.array(sent.pixels, np.uint8)
    try:
        check_brightness("the JSON body: pixels", int(image.max()))
    except DataError as error:
        raise Refused(422, str(error)) from None
    return Sent(image)


def _from_picture(picture: bytes, preprocessing: Preprocessing, most_pixels: int) -> Sent:
    try:
        light = open_picture(picture, most_pixels=most_pixels)
        image = preprocessing.image(light)[0]
    except DataError as error:
        raise Refused(422, str(error)) from None
    if not image.any():
        raise Refused(422, "there is no digit in the picture")
    # As they are, only pictures of one size make a data set.
    return Sent(image) if preprocessing.name == NONE else Sent(image, light)
