"""The connection of the launcher and an agent: JSON messages, one per line, in both directions.

It uses pipes, which ssh extends to other machines, or a socket. Both sides send a sign of life
every two seconds, so each notices when the other, or the network, is gone.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from typing import IO, Optional

from ..heartbeat import SECONDS
from ..values import Json, Unchecked

# Seconds without a sign of life after which a process or a machine counts as lost.
SILENCE = 20.0

_MOST_BYTES = 4_000_000  # of a message


class Connection:
    """Messages to the other side, and from it.

    >>> async def hello(connection):
    ...     connection.send("beat")
    ...     return await connection.receive()
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        source: Optional[asyncio.BaseTransport] = None,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._source = source  # its transport, if it is not the writer's
        self._sent = 0.0
        self.heard = time.monotonic()  # when the last message came

    @classmethod
    async def over_pipes(cls, source: IO[bytes], target: IO[bytes]) -> Connection:
        """Make a connection that reads from one pipe and writes to another."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(_MOST_BYTES)
        reading, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), source
        )
        transport, protocol = await loop.connect_write_pipe(
            lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader()), target
        )
        return cls(reader, asyncio.StreamWriter(transport, protocol, None, loop), reading)

    @classmethod
    async def over_socket(cls, host: str, port: int) -> Connection:
        """Connect to a launcher that listens."""
        return cls(*await asyncio.open_connection(host, port, limit=_MOST_BYTES))

    def send(self, kind: str, **values: Json) -> None:
        """Send a message; it is lost if the other side is gone, which is noticed elsewhere."""
        if not self._writer.is_closing():
            self._writer.write(f"{json.dumps({'kind': kind, **values})}\n".encode())

    def beat(self) -> None:
        """Send a sign of life, if the last one is two seconds old."""
        if time.monotonic() - self._sent >= SECONDS:
            self._sent = time.monotonic()
            self.send("beat")

    async def drain(self) -> None:
        """Wait while much is still to be sent."""
        with suppress(OSError):  # the other side is gone, which is noticed elsewhere
            await self._writer.drain()

    async def receive(self) -> Optional[dict[str, Unchecked]]:
        """Return the next message; None at the end. Other lines have the kind ``noise``."""
        try:
            line = await self._reader.readline()
        except (OSError, ValueError):  # lost, or a line without an end
            return None
        if not line:
            return None
        self.heard = time.monotonic()
        text = line.decode("utf-8", "replace").rstrip("\n")
        try:
            message = json.loads(text)
        except ValueError:
            message = None
        if isinstance(message, dict) and "kind" in message:
            return message
        return {"kind": "noise", "text": text}  # such as what a shell prints at login

    @property
    def silent(self) -> bool:
        """Whether nothing was heard for too long."""
        return time.monotonic() - self.heard > SILENCE

    async def flush(self) -> None:
        """Wait until all messages are sent, or are known to be lost."""
        self._writer.transport.set_write_buffer_limits(0)
        await self.drain()

    async def close(self) -> None:
        """Close the connection; messages that could not be sent are lost."""
        if self._source is not None:
            self._source.close()
        if not self._writer.is_closing():  # a pipe cannot be closed twice
            self._writer.transport.abort()
        with suppress(OSError):
            await self._writer.wait_closed()
