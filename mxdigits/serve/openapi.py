"""The API described for programs, as OpenAPI 3.1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import __version__
from ..digitize import SIZE
from .body import SentJson
from .limits import Limits

Json = dict[str, Any]

_PIXELS: Json = {
    "type": "array",
    "description": "what the network received: rows from top to bottom, 0 for background",
    "minItems": SIZE,
    "maxItems": SIZE,
    "items": {
        "type": "array",
        "minItems": SIZE,
        "maxItems": SIZE,
        "items": {"type": "integer", "minimum": 0, "maximum": 255},
    },
}


def describe_api(classes: Sequence[str], limits: Limits, *, keeps: bool) -> Json:
    """The description of a server's API; ``keeps`` says whether it keeps digits."""
    paths = {
        "/": {"get": _operation("The page to draw on", {"200": _says("the page", "text/html")})},
        "/predict": {"post": _predict(classes, limits)},
        "/model": {"get": _operation("What is served", {"200": _json("the network", _MODEL)})},
        "/healthz": {
            "get": _operation(
                "Whether the server works",
                {"200": _json("it does", _HEALTH), "503": _error("it does not")},
            )
        },
        "/openapi.json": {
            "get": _operation("This description", {"200": _json("OpenAPI", {"type": "object"})})
        },
    }
    if keeps:
        paths["/digits"] = {"post": _keep(classes, limits)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "mxdigits",
            "version": __version__,
            "description": "Reads handwritten digits.",
        },
        "paths": paths,
    }


def _predict(classes: Sequence[str], limits: Limits) -> Json:
    share = {"type": "number", "minimum": 0, "maximum": 1}
    answer = {
        "type": "object",
        "required": ["answer", "confidence", "probabilities", "pixels"],
        "properties": {
            "answer": {"enum": list(classes)},
            "confidence": share,
            "probabilities": {
                "type": "object",
                "required": list(classes),
                "properties": dict.fromkeys(classes, share),
            },
            "pixels": _PIXELS,
        },
    }
    answers = {"200": _json("what the network says", answer), **_refusals(limits)}
    return {**_operation("Read a digit", answers), "requestBody": _body()}


def _keep(classes: Sequence[str], limits: Limits) -> Json:
    label = {
        "name": "label",
        "in": "query",
        "required": True,
        "description": "what the digit is",
        "schema": {"enum": list(classes)},
    }
    kept = {
        "type": "object",
        "required": ["label", "path", "count"],
        "properties": {
            "label": {"enum": list(classes)},
            "path": {"type": "string", "description": "its file within the store"},
            "count": {"type": "integer", "description": "how many digits the store holds"},
        },
    }
    answers = {
        "201": _json("it is kept", kept),
        **_refusals(limits),
        "507": _error("the store is full"),
    }
    return {
        **_operation("Keep a digit with its label, to train on", answers),
        "parameters": [label],
        "requestBody": _body(),
    }


def _body() -> Json:
    picture: Json = {"schema": {}}
    return {
        "required": True,
        "description": "a picture of one digit (PNG, JPEG, TIFF, WebP, BMP, GIF, PNM), or JSON",
        "content": {
            "image/*": picture,
            "application/octet-stream": picture,
            "application/json": {"schema": SentJson.model_json_schema()},
        },
    }


def _refusals(limits: Limits) -> Json:
    return {
        "400": _error("the body is empty"),
        "403": _error("asked by a page of another site"),
        "413": _error(f"the body has more than {limits.body_bytes} bytes"),
        "415": _error("a form instead of a picture"),
        "421": _error("asked under a name that is not this server's"),
        "422": _error("no picture, damaged, too large, or without a digit"),
        "429": _error("too many requests from one address; Retry-After says when to ask again"),
        "503": _error("too much at once, or too slow; Retry-After says when to ask again"),
    }


def _operation(summary: str, answers: Json) -> Json:
    return {"summary": summary, "responses": answers}


def _says(what: str, kind: str) -> Json:
    return {"description": what, "content": {kind: {"schema": {"type": "string"}}}}


def _json(what: str, schema: Json) -> Json:
    return {"description": what, "content": {"application/json": {"schema": schema}}}


def _error(what: str) -> Json:
    return _json(what, _ERROR)


_ERROR: Json = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "string", "description": "one sentence"}},
}

_HEALTH: Json = {
    "type": "object",
    "required": ["status", "requests"],
    "properties": {
        "status": {"const": "ok"},
        "requests": {"type": "integer", "description": "in work now"},
    },
}

_MODEL: Json = {
    "type": "object",
    "required": ["name", "classes", "keeps_digits", "limits"],
    "properties": {
        "name": {"type": "string"},
        "classes": {"type": "array", "items": {"type": "string"}},
        "keeps_digits": {"type": "boolean"},
        "limits": {
            "type": "object",
            "required": ["bytes", "pixels"],
            "properties": {"bytes": {"type": "integer"}, "pixels": {"type": "integer"}},
        },
    },
}
