"""Checks of every request before it is answered: its origin, its rate and its duration."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Optional
from urllib.parse import urlsplit

import anyio
from pydantic import BaseModel
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .limits import Limits, RateLimiter, Refused, client_of, quoted
from .page import NOTHING
from .schemas import Problem

HEADERS = {
    "Content-Security-Policy": NOTHING,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Guard:
    """An ASGI application around another.

    A page of another site can make a browser post to a server on its user's own machine. By DNS
    rebinding (its own name then points to that machine), it can even read the answers. A foreign
    Origin shows the first attack; a Host that is none of this server's names shows the second.

    Args:
        app: the application.
        limits: of rate and time.
        names: names of this server, besides its addresses and localhost.

    >>> guarded = Guard(make_api(served, limits), limits, ["digits.example"])  # doctest: +SKIP
    """

    def __init__(self, app: ASGIApp, limits: Limits, names: Iterable[str] = ()):
        self._app, self._limits = app, limits
        self._names = {"localhost", *(name.lower() for name in names)}
        self._rates = RateLimiter(limits.rate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False
        body = _Body(scope, receive, self._limits)

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                await body.read_to_its_end()
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            self._check(scope)
            with anyio.fail_after(self._limits.request_seconds):
                await self._app(scope, body.receive, send_guarded)
        except Refused as refusal:
            await refusal_response(refusal)(scope, receive, send_guarded)
        except TimeoutError:
            if not started:
                late = Refused(503, "the answer took too long; ask again later", retry_after=5)
                await refusal_response(late)(scope, receive, send_guarded)
        except anyio.get_cancelled_exc_class():  # the server is ending
            if not started:
                body.ended = True
                ends = Refused(503, "the server is being stopped")
                await refusal_response(ends)(scope, receive, send_guarded)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        # A client that sends no Host is no browser.
        if host and not self._ours(_hostname(host)):
            raise Refused(
                421,
                f"{quoted(host)} is no name of this server; start it with --allow-host to allow it",
            )
        origin = headers.get("origin")
        foreign = origin is not None and origin.partition("://")[2].lower() != host.lower()
        if foreign and scope["method"] not in ("GET", "HEAD"):
            raise Refused(403, "pages of other sites may not use this server")
        if scope["path"] != "/healthz":
            self._rates.take(client_of(scope.get("client")))

    def _ours(self, name: str) -> bool:
        if name in self._names or name.endswith(".localhost"):
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True  # DNS cannot change what an address means


class _Body:
    """A request's body. A part that the answer does not need is read too, and thrown away.

    Some clients, such as Python's urllib, want the connection closed after the answer. If it is
    closed while they still send, they get a reset and never read the answer. On a connection that
    stays open, uvicorn reads the rest after the answer. A client that asks before it sends
    (Expect: 100-continue) need not send the rest.
    """

    def __init__(self, scope: Scope, receive: Receive, limits: Limits):
        self._receive, self._left = receive, limits.refused_bytes
        self._until = anyio.current_time() + limits.body_seconds
        headers = Headers(scope=scope)
        closes = "close" in headers.get("connection", "").lower()
        closes = closes or scope.get("http_version") == "1.0"
        promised = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
        self.ended = not (promised and closes) or "expect" in headers

    async def receive(self) -> Message:
        """The next message of ASGI."""
        message = await self._receive()
        self.ended = not message.get("more_body", False)
        return message

    async def read_to_its_end(self) -> None:
        """Read the rest within the time limit, and throw it away."""
        with anyio.move_on_after(self._until - anyio.current_time()):
            while not self.ended and self._left > 0:
                self._left -= len((await self.receive()).get("body", b""))


def refusal_response(refusal: Refused) -> Response:
    """Return a refusal as JSON, with its status and its ``Retry-After``.

    >>> refused = Refused(503, "too many pictures at once; ask again soon", retry_after=1)
    >>> response = refusal_response(refused)
    >>> response.status_code, response.headers["Retry-After"]
    (503, '1')
    """
    return error_response(refusal.status, refusal.sentence, refusal.headers)


def error_response(
    status: int, sentence: str, headers: Optional[Mapping[str, str]] = None
) -> Response:
    """Return an error as JSON: one sentence.

    >>> error_response(404, "there is no such path").body
    b'{"error":"there is no such path"}'
    """
    return model_response(Problem(error=sentence), status, headers)


def model_response(
    model: BaseModel, status: int = 200, headers: Optional[Mapping[str, str]] = None
) -> Response:
    """Return a model as JSON.

    >>> model_response(Problem(error="the body is empty")).status_code
    200
    """
    return Response(model.model_dump_json(), status, headers=headers, media_type="application/json")


def _hostname(host: str) -> str:
    """The name in a Host header without its port; empty if there is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
