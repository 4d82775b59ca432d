"""The routes: the page, and what a program may ask."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Optional

import anyio
import numpy as np
from numpy.typing import NDArray
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from ..errors import OutputError
from ..preprocessing import Preprocessing
from ..runtime import usable_cpus
from .batcher import Batcher
from .body import Sent, read_digit
from .guard import error_response, refusal_response
from .limits import Limits, Places, Refused
from .openapi import describe_api
from .page import read_page
from .store import Store

# Bytes of a body that do not count among all that are held: large ones do not keep small ones out.
_SMALL = 1 << 16


@dataclass(frozen=True)
class Served:
    """What is served.

    A network by the name of its run, the names of its classes, what pictures go through before it,
    the thread that asks it, and where digits are kept.
    """

    name: str
    classes: tuple[str, ...]
    preprocessing: Preprocessing
    batcher: Batcher
    store: Optional[Store] = None


def make_api(served: Served, limits: Limits) -> Starlette:
    """The application; it expects a started batcher, and to be guarded."""
    api = _Api(served, limits)
    return Starlette(
        routes=[
            Route("/", api.page),
            Route("/predict", api.predict, methods=["POST"]),
            Route("/digits", api.keep, methods=["POST"]),
            Route("/model", api.model),
            Route("/healthz", api.health),
            Route("/openapi.json", api.openapi),
        ],
        exception_handlers={
            Refused: lambda _, error: refusal_response(error),
            HTTPException: _no_such_thing,
            ClientDisconnect: lambda *_: Response(status_code=400),  # which nobody reads
            Exception: lambda *_: error_response(500, "the server failed; its log says how"),
        },
    )


class _Api:
    def __init__(self, served: Served, limits: Limits):
        self._served, self._limits = served, limits
        self._page, self._policy = read_page()
        self._places = Places(limits.requests, "requests")
        self._held = Places(limits.bodies_bytes, "bytes of pictures")
        # Pictures are unpacked beside the loop, a few at a time: each may take much memory.
        self._readers = ThreadPoolExecutor(min(4, usable_cpus()), "reader")
        self._described = describe_api(served.classes, limits, keeps=served.store is not None)

    async def page(self, request: Request) -> Response:
        return HTMLResponse(self._page, headers={"Content-Security-Policy": self._policy})

    async def predict(self, request: Request) -> Response:
        async with self._digit(request) as sent:
            prob = await asyncio.wrap_future(self._served.batcher.submit(sent.image))
            return JSONResponse(self._answer(sent.image, prob))

    async def keep(self, request: Request) -> Response:
        store, label = self._served.store, request.query_params.get("label", "")
        if store is None:
            raise Refused(404, "no digits are kept here: start the server with --store DIR")
        if label not in self._served.classes:
            raise Refused(422, f"label: write one of {', '.join(self._served.classes)}")
        if store.full:
            raise Refused(507, f"the store holds its {self._limits.stored} digits; it is full")
        async with self._digit(request) as sent:
            loop = asyncio.get_running_loop()
            picture = await loop.run_in_executor(self._readers, sent.to_keep)
            # In the loop's own thread: two of them never write the same file.
            try:
                path = store.add(picture, label)
            except OutputError as error:
                logging.getLogger("uvicorn.error").error("%s", error)
                why = "the digit could not be written; the server's log says why"
                raise Refused(507, why) from None
        kept = {"label": label, "path": path.as_posix(), "count": store.count}
        return JSONResponse(kept, status_code=201)

    async def model(self, request: Request) -> Response:
        limits = self._limits
        return JSONResponse(
            {
                "name": self._served.name,
                "classes": list(self._served.classes),
                "keeps_digits": self._served.store is not None,
                "limits": {"bytes": limits.body_bytes, "pixels": limits.picture_pixels},
            }
        )

    async def health(self, request: Request) -> Response:
        if not self._served.batcher.alive:
            return error_response(503, "the network's thread has ended")
        return JSONResponse({"status": "ok", "requests": self._places.taken})

    async def openapi(self, request: Request) -> Response:
        return JSONResponse(self._described)

    @asynccontextmanager
    async def _digit(self, request: Request) -> AsyncIterator[Sent]:
        """The digit of a request's body; its place among those in work is held meanwhile.

        A slow body takes no place, so slow clients keep nobody else waiting.
        """
        async with self._body(request) as body:
            with self._places.one():
                kind = request.headers.get("content-type", "")
                loop = asyncio.get_running_loop()
                yield await loop.run_in_executor(
                    self._readers,
                    read_digit,
                    *(body, kind, self._served.preprocessing, self._limits.picture_pixels),
                )

    @asynccontextmanager
    async def _body(self, request: Request) -> AsyncIterator[bytes]:
        """The body; what is large of it counts among all that is held while the block lasts."""
        most = self._limits.body_bytes
        too_long = Refused(413, f"the body has more than {most} bytes; send a smaller picture")
        promised = request.headers.get("content-length", "0")
        if not promised.isdecimal() or int(promised) > most:
            raise too_long
        body, counted, seconds = bytearray(), 0, self._limits.body_seconds
        try:
            try:
                with anyio.fail_after(seconds):
                    async for piece in request.stream():
                        body += piece
                        if len(body) - _SMALL > counted:
                            self._held.take(len(body) - _SMALL - counted)
                            counted = len(body) - _SMALL
                        if len(body) > most:
                            raise too_long
            except TimeoutError:
                raise Refused(408, f"the body took longer than {seconds:g} seconds") from None
            yield bytes(body)
        finally:
            self._held.give(counted)

    def _answer(self, digit: NDArray[np.uint8], prob: NDArray[Any]) -> dict[str, Any]:
        best = int(prob.argmax())
        shares = [round(float(share), 6) for share in prob]
        return {
            "answer": self._served.classes[best],
            "confidence": shares[best],
            "probabilities": dict(zip(self._served.classes, shares)),
            "pixels": digit.tolist(),
        }


def _no_such_thing(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = json.dumps(request.url.path)
    sentence = {
        404: f"there is no {path} here; /openapi.json says what there is",
        405: f"{path} is not asked with {request.method}; /openapi.json says how",
    }.get(error.status_code, str(error.detail))
    return error_response(error.status_code, sentence, error.headers)
