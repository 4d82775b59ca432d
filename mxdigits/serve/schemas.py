"""The API's requests and answers as pydantic models, which also give its OpenAPI schema."""

from __future__ import annotations

from typing import Annotated, Generic, Literal, Optional, TypeVar

from pydantic import ConfigDict, Field

from ..digitize.digits.size import SIZE
from ..storage.schema import Schema
from ..values import Unchecked

Label = TypeVar("Label")  # Literal["0", "1", ...], the classes of the network that is served

_Grey = Annotated[int, Field(ge=0, le=255)]
_Row = Annotated[list[_Grey], Field(min_length=SIZE, max_length=SIZE)]
_Pixels = Annotated[list[_Row], Field(min_length=SIZE, max_length=SIZE)]
_Weights = Annotated[list[float], Field(min_length=SIZE, max_length=SIZE)]
_Evidence = Annotated[list[_Weights], Field(min_length=SIZE, max_length=SIZE)]
_Share = Annotated[float, Field(ge=0, le=1)]
_Count = Annotated[int, Field(ge=0)]


def _require_every_key(schema: dict[str, Unchecked]) -> None:
    names = schema["propertyNames"]
    schema["required"] = names.get("enum") or [names["const"]]


class _Model(Schema):
    model_config = ConfigDict(extra="forbid")

    @classmethod
    def model_parametrized_name(cls, params: tuple[object, ...]) -> str:
        return cls.__name__  # without the classes, which may be hundreds


class SentJson(_Model):
    """A JSON body: it holds either an image or pixels.

    >>> SentJson(image="iVBORw0KGgo=").pixels is None
    True
    """

    image: Annotated[
        Optional[str], Field(description="a picture file in base64, or a data: URL of it")
    ] = None
    pixels: Annotated[
        Optional[_Pixels],
        Field(
            description="what the network is to receive: rows from top to bottom, 0 for background"
        ),
    ] = None


_MorePages = Annotated[
    bool, Field(description="whether the picture has more pages than the first, which was read")
]


class Answer(_Model, Generic[Label]):
    """The network's answer for a digit.

    >>> Answer[Literal["0", "1"]].model_json_schema()["properties"]["answer"]["enum"]
    ['0', '1']
    """

    answer: Label
    confidence: _Share
    probabilities: Annotated[dict[Label, _Share], Field(json_schema_extra=_require_every_key)]
    pixels: Annotated[
        _Pixels,
        Field(description="what the network received: rows from top to bottom, 0 for background"),
    ]
    more_pages: _MorePages
    digits: Annotated[
        int,
        Field(
            ge=0,
            description="about how many digits the picture shows, of which one was read; "
            "0 where its ink looks like no digit, but like a letter, a sign or a scribble",
        ),
    ]
    inverted: Annotated[
        bool,
        Field(
            description="whether pixels, or a picture that is only resized, are dark on light for "
            "a network that learnt from light on dark, or the other way round: the answer is worth "
            "little; send 255 - pixels"
        ),
    ]


class Explained(_Model, Generic[Label]):
    """The evidence for an answer.

    >>> rows = [[0] * 28] * 28
    >>> Explained(label="7", evidence=rows, pixels=rows).label
    '7'
    """

    label: Annotated[Label, Field(description="the class that is asked about")]
    evidence: Annotated[
        _Evidence,
        Field(
            description="how much the log odds of the label fall where a pixel is covered: above 0 "
            "it speaks for the label, below 0 against it"
        ),
    ]
    pixels: Annotated[_Pixels, Field(description="what the network received, as of an answer")]


class Kept(_Model, Generic[Label]):
    """A digit that was kept.

    >>> Kept(label="7", path="train/7/a.png", count=1, more_pages=False).path
    'train/7/a.png'
    """

    label: Label
    path: Annotated[str, Field(description="its file within the store")]
    count: Annotated[_Count, Field(description="how many digits the store holds")]
    more_pages: _MorePages


class ModelLimits(_Model):
    """Limits for what may be sent.

    >>> ModelLimits(bytes=8_000_000, pixels=16_000_000).bytes
    8000000
    """

    bytes: Annotated[_Count, Field(description="of a body")]
    pixels: Annotated[_Count, Field(description="of a picture")]


class Model(_Model, Generic[Label]):
    """The network that is served.

    >>> limits = ModelLimits(bytes=8_000_000, pixels=16_000_000)
    >>> Model(name="mlp/a", classes=["0", "1"], keeps_digits=False, limits=limits).classes
    ['0', '1']
    """

    name: Annotated[str, Field(description="the run")]
    classes: list[Label]
    keeps_digits: bool
    limits: ModelLimits


class Health(_Model):
    """The state of a working server.

    >>> Health(status="ok", requests=0, pictures=0).model_dump_json()
    '{"status":"ok","requests":0,"pictures":0}'
    """

    status: Literal["ok"]
    requests: Annotated[_Count, Field(description="digits that are before the network now")]
    pictures: Annotated[_Count, Field(description="pictures that are being read or wait for it")]


class Problem(_Model):
    """Why there is no answer.

    >>> Problem(error="the body is empty").model_dump_json()
    '{"error":"the body is empty"}'
    """

    error: Annotated[str, Field(description="one sentence")]
