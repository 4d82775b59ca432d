"""Whether the machines of a run reach each other, which the launcher cannot see by itself.

For each two machines, the agent of the later one connects to that of the earlier one, by the
addresses that their workers use. It sends a sign of life every two seconds, and gets one back.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Optional

from ..heartbeat import SECONDS
from .connection import SILENCE

_TO_CONNECT = 10.0  # seconds, as for ssh
_PAUSE = 1.0  # seconds before a lost connection is made again
_BEAT = b"\n"


@dataclass
class Link:
    """The connection from this machine to another.

    Args:
        title: of the other machine.
        own: the address of this one.
        address: the address of the other.
        port: where its agent answers.

    >>> Link("host b", "10.0.0.1", "10.0.0.2", 40000).silent
    False
    """

    title: str
    own: str
    address: str
    port: int
    heard: float = field(default_factory=time.monotonic)

    @property
    def silent(self) -> bool:
        """Whether nothing was heard for too long."""
        return time.monotonic() - self.heard > SILENCE

    async def why_not(self) -> str:
        """Return why the other machine is not reached; empty if it is reached."""
        try:
            await asyncio.wait_for(self._answered(), _TO_CONNECT)
        except asyncio.TimeoutError:
            return f"no answer for {_TO_CONNECT:.0f} s"
        except OSError as error:
            return os.strerror(error.errno) if error.errno else str(error)
        return ""

    async def keep(self) -> None:
        """Exchange signs of life with the other side until this is cancelled."""
        while True:
            with suppress(OSError, asyncio.TimeoutError):
                await self._beat()
            await asyncio.sleep(_PAUSE)

    async def _answered(self) -> None:
        reader, writer = await self._connected()
        try:
            writer.write(_BEAT)
            await reader.readexactly(len(_BEAT))
        except asyncio.IncompleteReadError:
            raise OSError("the connection was closed") from None
        finally:
            writer.transport.abort()

    async def _beat(self) -> None:
        reader, writer = await asyncio.wait_for(self._connected(), SILENCE)
        try:
            while True:
                writer.write(_BEAT)
                if not await asyncio.wait_for(reader.read(1), SILENCE):
                    return
                self.heard = time.monotonic()
                await asyncio.sleep(SECONDS)
        finally:
            writer.transport.abort()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(self.address, self.port, local_addr=(self.own, 0))


async def answering(address: str) -> Optional[asyncio.Server]:
    """Start a server that answers the signs of life of other machines; None if there are none.

    >>> asyncio.run(answering("127.0.0.1")) is None
    True
    """
    if ipaddress.ip_address(address).is_loopback:
        return None
    return await asyncio.start_server(_answer, address, 0)


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, asyncio.CancelledError):  # Python would print it at the end
        while await reader.read(1):
            writer.write(_BEAT)
            await writer.drain()
    writer.transport.abort()
