"""The description of the API, as OpenAPI 3.1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Union

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode

from .. import __version__
from .limits import Limits
from .schemas import Answer, Explained, Health, Kept, Model, Problem, SentJson

Json = dict[str, object]

# A model; or the media type, if an answer is not one of the API's JSON objects.
_Form = Union[type[BaseModel], str]

_REF = "#/components/schemas/{model}"


@dataclass(frozen=True)
class _Operation:
    """An operation of a path: its answers by status, and what it takes."""

    method: str
    summary: str
    good: Mapping[int, tuple[str, _Form]]
    refusals: Mapping[int, str] = field(default_factory=dict)
    body: bool = False
    parameters: Sequence[Json] = ()


def describe_api(classes: Sequence[str], limits: Limits, *, keeps: bool) -> Json:
    """Return the description of a server's API; ``keeps`` says whether it keeps digits.

    >>> list(describe_api(["0", "1"], Limits(), keeps=False)["paths"])
    ['/', '/predict', '/explain', '/model', '/healthz', '/openapi.json']
    """
    operations = _operations(classes, limits)
    if not keeps:
        del operations["/digits"]
    answers = [form for each in operations.values() for _, form in each.good.values()]
    models = [form for form in (*answers, SentJson, Problem) if isinstance(form, type)]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "mxdigits",
            "version": __version__,
            "description": "Reads handwritten digits.",
        },
        "paths": {path: {each.method: _described(each)} for path, each in operations.items()},
        "components": {"schemas": _schemas(models)},
    }


def _schemas(models: Iterable[type[BaseModel]]) -> Json:
    schemas: Json = {}
    for model in models:
        mode: JsonSchemaMode = "validation" if model is SentJson else "serialization"
        schema = model.model_json_schema(ref_template=_REF, mode=mode)
        schemas.update(schema.pop("$defs", {}), **{model.__name__: schema})
    return schemas


def _ref(model: type[BaseModel]) -> Json:
    return {"$ref": _REF.format(model=model.__name__)}


def _operations(classes: Sequence[str], limits: Limits) -> dict[str, _Operation]:
    label: Any = Literal[tuple(classes)]
    of_body = {
        408: f"the body took longer than {limits.body_seconds:g} seconds",
        413: f"the body has more than {limits.body_bytes} bytes",
        415: "a form instead of a picture, JSON under another content type, or a compressed body",
        422: "no picture, damaged, too large, too slow to read, or without a digit; JSON or pixels "
        "that are none; a parameter that is unknown or given twice",
    }
    of_label = {
        "name": "label",
        "in": "query",
        "required": True,
        "description": "what the digit is",
        "schema": {"enum": list(classes)},
    }
    return {
        "/": _Operation("get", "The page to draw on", {200: ("the page", "text/html")}),
        "/predict": _Operation(
            *("post", "Read a digit"),
            good={200: ("what the network says", Answer[label])},
            refusals=of_body,
            body=True,
        ),
        "/explain": _Operation(
            *("post", "Say what the answer rests on"),
            good={200: ("the evidence, pixel by pixel", Explained[label])},
            refusals=of_body,
            body=True,
            parameters=[{**of_label, "required": False, "description": "another class"}],
        ),
        "/digits": _Operation(
            *("post", "Keep a digit with its label, to train on"),
            good={201: ("it is kept", Kept[label])},
            refusals={**of_body, 507: "the store is full, or cannot be written to"},
            body=True,
            parameters=[of_label],
        ),
        "/model": _Operation("get", "What is served", {200: ("the network", Model[label])}),
        "/healthz": _Operation("get", "Whether the server works", {200: ("it does", Health)}),
        "/openapi.json": _Operation(
            "get", "This description", {200: ("OpenAPI", "application/json")}
        ),
    }


# Answers that any request may get.
_REFUSALS = {
    400: "not HTTP, or an empty body",
    403: "sent by a page of another site",
    421: "sent to a host name that is not this server's",
    429: "too many requests from one address; Retry-After says when to ask again",
    500: "the server failed",
    503: "too many requests, too slow, or not working; Retry-After says when to ask again",
}


def _described(operation: _Operation) -> Json:
    refusals = {**_REFUSALS, **operation.refusals}
    answers = {
        **{status: _answer(what, form) for status, (what, form) in operation.good.items()},
        **{status: _answer(what, Problem) for status, what in refusals.items()},
    }
    described: Json = {
        "summary": operation.summary,
        "responses": {str(status): answers[status] for status in sorted(answers)},
    }
    if operation.parameters:
        described["parameters"] = list(operation.parameters)
    if operation.body:
        described["requestBody"] = _body()
    return described


def _answer(what: str, form: _Form) -> Json:
    if isinstance(form, type):
        return {"description": what, "content": {"application/json": {"schema": _ref(form)}}}
    schema = {"type": "object" if form == "application/json" else "string"}
    return {"description": what, "content": {form: {"schema": schema}}}


def _body() -> Json:
    picture: Json = {"schema": {}}
    return {
        "required": True,
        "description": "a picture of one digit (PNG, JPEG, TIFF, WebP, BMP, GIF, PNM), or JSON",
        "content": {
            "image/*": picture,
            "application/octet-stream": picture,
            "application/json": {"schema": _ref(SentJson)},
        },
    }
