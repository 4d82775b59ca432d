"""The routes of the server: the page, and the API."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Optional

import anyio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from ..arrays import Pixels, Probabilities
from ..data.oddities import inverted_for
from ..digitize.digits.likeness import weighted
from ..digitize.preprocessing import NONE, Preprocessing
from ..errors import DataError, OutputError, ProcessNotStarted
from .batcher import Batcher
from .body import SentPicture, parse_body, parse_query
from .explaining import explained
from .guard import error_response, model_response, refusal_response
from .limits import CapacityLimiter, Limits, Refused, client_of, quoted
from .openapi import describe_api
from .page import read_page
from .readers import Readers
from .schemas import Answer, Explained, Health, Kept, Model, ModelLimits
from .store import CannotMove, Store, StoreFull

# Bytes of a body that are not counted against the limit, so large bodies never block small ones.
_SMALL = 1 << 16


@dataclass(frozen=True)
class Served:
    """What is served.

    The name of the network's run, the names of its classes, how pictures are prepared, the thread
    that asks the network, the processes that read pictures, and the store of digits.

    >>> served = Served("mlp/a", classes, preprocessing, batcher, readers)  # doctest: +SKIP
    >>> served.store is None  # doctest: +SKIP
    True
    """

    name: str
    classes: tuple[str, ...]
    preprocessing: Preprocessing
    batcher: Batcher
    readers: Readers
    store: Optional[Store] = None


class _Digit(NamedTuple):
    """The network's input (H, W), the picture to keep, and what else is known of the picture."""

    image: Pixels
    to_keep: Pixels
    more_pages: bool = False
    digits: int = 1
    likeness: float = 1.0
    inverted: bool = False


def make_api(served: Served, limits: Limits) -> Starlette:
    """Make the application; it needs a started batcher, started readers and a :class:`Guard`.

    >>> served = Served("mlp/a", classes, preprocessing, batcher, readers)  # doctest: +SKIP
    >>> api = make_api(served, Limits())  # doctest: +SKIP
    """
    api = _Api(served, limits)
    return Starlette(
        routes=[
            Route("/", api.page),
            Route("/predict", api.predict, methods=["POST"]),
            Route("/explain", api.explain, methods=["POST"]),
            Route("/digits", api.keep, methods=["POST"]),
            Route("/model", api.model),
            Route("/healthz", api.health),
            Route("/openapi.json", api.openapi),
        ],
        exception_handlers={
            Refused: lambda _, error: refusal_response(error),
            HTTPException: _no_such_thing,
            ClientDisconnect: lambda *_: Response(status_code=400),  # nobody reads it
            Exception: lambda *_: error_response(500, "the server failed; its log says how"),
        },
    )


class _Api:
    def __init__(self, served: Served, limits: Limits):
        self._served, self._limits = served, limits
        self._page, self._policy = read_page()
        self._requests = CapacityLimiter(limits.requests, "requests", limits.share)
        self._pictures = CapacityLimiter(limits.pictures, "pictures", limits.share)
        self._held = CapacityLimiter(limits.bodies_bytes, "bytes of pictures", limits.share)
        self._explanations = CapacityLimiter(limits.explanations, "explanations", limits.share)
        self._explainers = ThreadPoolExecutor(limits.explanations, "explainer")
        # One thread, because two might write the same file.
        self._writer = ThreadPoolExecutor(1, "store")
        self._described = describe_api(served.classes, limits, keeps=served.store is not None)

    async def page(self, request: Request) -> Response:
        return HTMLResponse(self._page, headers={"Content-Security-Policy": self._policy})

    async def predict(self, request: Request) -> Response:
        parse_query(request.query_params.multi_items())
        digit = await self._digit(request)
        with self._requests.one(client_of(request.client)):
            prob = await asyncio.wrap_future(self._served.batcher.submit(digit.image))
        return model_response(self._answer(digit, prob))

    async def explain(self, request: Request) -> Response:
        served, query = self._served, request.query_params.multi_items()
        asked = parse_query(query, "label").get("label")
        if asked is not None and asked not in served.classes:
            raise self._no_class()
        image = (await self._digit(request)).image
        with self._explanations.one(client_of(request.client)):
            prob = await asyncio.wrap_future(served.batcher.submit(image))
            label = int(prob.argmax()) if asked is None else served.classes.index(asked)
            explain = partial(explained, served.batcher, image, label)
            loop = asyncio.get_running_loop()
            evidence = await loop.run_in_executor(self._explainers, explain)
        return model_response(
            Explained[str](
                label=served.classes[label],
                evidence=[[round(each, 4) for each in row] for row in evidence.tolist()],
                pixels=image.tolist(),
            )
        )

    def _no_class(self) -> Refused:
        return Refused(422, f"label: write one of {', '.join(self._served.classes)}")

    async def keep(self, request: Request) -> Response:
        store, query = self._served.store, request.query_params.multi_items()
        label = parse_query(query, "label").get("label", "")
        if store is None:
            raise Refused(404, "no digits are kept here: start the server with --store DIR")
        if label not in self._served.classes:
            raise self._no_class()
        digit = await self._digit(request)
        loop = asyncio.get_running_loop()
        try:
            path = await loop.run_in_executor(self._writer, store.add, digit.to_keep, label)
        except OutputError as error:
            raise _not_kept(error) from None
        kept = Kept[str](
            label=label, path=path.as_posix(), count=store.count, more_pages=digit.more_pages
        )
        return model_response(kept, 201)

    async def model(self, request: Request) -> Response:
        limits = self._limits
        return model_response(
            Model[str](
                name=self._served.name,
                classes=list(self._served.classes),
                keeps_digits=self._served.store is not None,
                limits=ModelLimits(bytes=limits.body_bytes, pixels=limits.picture_pixels),
            )
        )

    async def health(self, request: Request) -> Response:
        if not self._served.batcher.alive:
            return error_response(503, "the network's thread has ended")
        if self._served.readers.trouble is not None:
            return error_response(503, f"no pictures are read: {self._served.readers.trouble}")
        return model_response(
            Health(status="ok", requests=self._requests.taken, pictures=self._pictures.taken)
        )

    async def openapi(self, request: Request) -> Response:
        return JSONResponse(self._described)

    async def _digit(self, request: Request) -> _Digit:
        """The digit of a request's body.

        Pixels are used as they are. Pictures are read in another process; others do not wait.
        """
        packed = request.headers.get("content-encoding", "identity")
        if packed.lower() != "identity":
            raise Refused(415, f"the body is compressed, by {quoted(packed)}; send it as it is")
        async with self._body(request) as body:
            sent = parse_body(body, request.headers.get("content-type", ""))
            if not isinstance(sent, SentPicture):
                return _Digit(sent, sent, inverted=self._is_inverted(sent))
            client = client_of(request.client)
            with self._pictures.one(client):
                return await self._read(client, sent)

    async def _read(self, client: str, sent: SentPicture) -> _Digit:
        options = {
            "preprocessing": self._served.preprocessing.told,
            "most_pixels": self._limits.picture_pixels,
            "in_json": sent.in_json,
        }
        try:
            image, to_keep, more_pages, digits, like = await asyncio.wrap_future(
                self._served.readers.submit(client, sent.content, **options)
            )
        except DataError as error:
            raise Refused(422, str(error)) from None
        except ProcessNotStarted as error:
            _log(error)
            raise Refused(503, "no pictures can be read; the server's log says why", 10) from None
        # Digitizing already makes the ink light on dark.
        inverted = self._served.preprocessing.name == NONE and self._is_inverted(image)
        return _Digit(
            *(image, to_keep, bool(more_pages), int(digits.item()), float(like.item())), inverted
        )

    def _is_inverted(self, image: Pixels) -> bool:
        return bool(inverted_for(self._served.preprocessing.dark_on_light, image[None]))

    @asynccontextmanager
    async def _body(self, request: Request) -> AsyncIterator[bytes]:
        """Read the body; during the block, a large one counts against the limit for all bodies.

        A slow body takes no other place, so slow clients keep nobody else waiting.
        """
        most, client = self._limits.body_bytes, client_of(request.client)
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
                            self._held.take(client, len(body) - _SMALL - counted)
                            counted = len(body) - _SMALL
                        if len(body) > most:
                            raise too_long
            except TimeoutError:
                raise Refused(408, f"the body took longer than {seconds:g} seconds") from None
            yield bytes(body)
        finally:
            self._held.give(client, counted)

    def _answer(self, digit: _Digit, prob: Probabilities) -> Answer[str]:
        best = int(prob.argmax())
        shares = [round(float(share), 6) for share in weighted(prob, digit.likeness)]
        return Answer[str](
            answer=self._served.classes[best],
            confidence=shares[best],
            probabilities=dict(zip(self._served.classes, shares)),
            pixels=digit.image.tolist(),
            more_pages=digit.more_pages,
            digits=digit.digits,
            inverted=digit.inverted,
        )


def _not_kept(error: OutputError) -> Refused:
    if isinstance(error, StoreFull):
        return Refused(507, str(error))
    _log(error)
    what = "keeps its old label" if isinstance(error, CannotMove) else "could not be written"
    return Refused(507, f"the digit {what}; the server's log says why")


def _log(error: Exception) -> None:
    logging.getLogger("uvicorn.error").error("%s", error)


def _no_such_thing(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = quoted(request.url.path)
    sentence = {
        404: f"there is no {path} here; /openapi.json says what there is",
        405: f"{path} does not take {quoted(request.method)[1:-1]}; /openapi.json says what it "
        f"takes",
    }.get(error.status_code, str(error.detail))
    return error_response(error.status_code, sentence, error.headers)
