"""Clients of ``mxdigits serve``: some send requests without a pause, some misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import Callable

HOST = "127.0.0.1"
ABORTED = "broken off by the client"
CLOSED = "closed without an answer"


@dataclass
class Heard:
    """The answers that clients got: the seconds of each good one, and the count of each status."""

    seconds: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    def percentile(self, share: float) -> float:
        """The seconds within which such a share of the good answers came."""
        ordered = sorted(self.seconds)
        return (
            ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")
        )


def request(body: bytes, kind: str) -> bytes:
    """A complete request to /predict."""
    head = f"POST /predict HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: {kind}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def load(port: int, clients: int, requests: Sequence[bytes], seconds: float) -> Heard:
    """Send requests for some seconds, from many clients at once, each on one connection."""
    heard, stop = Heard(), time.perf_counter() + seconds
    await asyncio.gather(*(_client(port, requests, n, stop, heard) for n in range(clients)))
    return heard


async def _client(
    port: int, requests: Sequence[bytes], number: int, stop: float, heard: Heard
) -> None:
    reader, writer = await asyncio.open_connection(HOST, port)
    while (began := time.perf_counter()) < stop:
        writer.write(requests[number % len(requests)])
        status = await _answer(reader)
        if status == "200":
            heard.seconds.append(time.perf_counter() - began)
        heard.outcomes[status] += 1
        number += 7
    writer.close()
    await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> str:
    """The status of the next answer; reads the whole answer."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
        await reader.readexactly(int(length or 0))
    except (asyncio.IncompleteReadError, ConnectionError):
        return CLOSED
    return head.split(b" ", 2)[1].decode()


# Misbehaviour: each function takes an open connection, and returns how it ended.

Misbehave = Callable[[asyncio.StreamReader, asyncio.StreamWriter, int], Awaitable[str]]


async def slow_header(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
) -> str:
    """A request that stops within its header."""
    writer.write(b"POST /predict HTTP/1.1\r\nHost: 127")
    return await _answer(reader)


async def slow_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> str:
    """A body that is sent at one byte a second."""
    writer.write(request(bytes(1000), "image/png")[:-1000])
    answer = asyncio.ensure_future(_answer(reader))
    while not answer.done():
        writer.write(b"\0")
        await asyncio.wait([answer], timeout=1)
    return answer.result()


async def oversized(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> str:
    """Up to nine megabytes; every other request does not announce the length of its body."""
    if number % 2:
        writer.write(request(bytes(9_000_000), "image/png")[:200_000])
        return await _answer(reader)
    writer.write(b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n")
    answer = asyncio.ensure_future(_answer(reader))
    for _ in range(90):
        if answer.done():
            break
        writer.write(b"186a0\r\n" + bytes(100_000) + b"\r\n")
        with contextlib.suppress(ConnectionError):
            await writer.drain()
    return await answer


async def malformed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> str:
    """Requests that are not HTTP, whose body is no JSON or no picture, or a damaged picture."""
    wrong = (
        b"\0\1\2\3\r\n\r\n",
        request(b'{"pixels": [[', "application/json"),
        request(b"[" * 50_000, "application/json"),
        request(b"nothing to see", "image/png"),
        request(b"\x89PNG\r\n\x1a\n" + bytes(500), "image/png"),
    )
    writer.write(wrong[number % len(wrong)])
    return await _answer(reader)


def aborted(good: Sequence[bytes]) -> Misbehave:
    """Requests that are broken off, or whose answer is not waited for."""

    async def abort(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> str:
        whole = good[number % len(good)]
        writer.write(whole[: len(whole) * (number % 5) // 4])
        await writer.drain()
        return ABORTED

    return abort


async def misbehave(port: int, how: Misbehave, count: int, at_once: int) -> Counter[str]:
    """Misbehave ``count`` times, at most ``at_once`` at a time; returns how often it ended how."""
    outcomes: Counter[str] = Counter()
    places = asyncio.Semaphore(at_once)

    async def one(number: int) -> None:
        async with places:
            try:
                reader, writer = await asyncio.open_connection(HOST, port)
            except ConnectionError:
                outcomes[CLOSED] += 1
                return
            try:
                outcomes[await how(reader, writer, number)] += 1
            except ConnectionError:
                outcomes[CLOSED] += 1
            finally:
                writer.transport.abort()

    await asyncio.gather(*map(one, range(count)))
    return outcomes
