"""Prints the workers' output with the rank before each line.

A thread prints it, so that a stopped terminal (Ctrl-S) does not stop the launcher's signs of
life.
"""

from __future__ import annotations

import asyncio

from ..printing import print_at_once, print_note, printable


class Output:
    """Prints lines in their order.

    >>> async def show():
    ...     output = Output()
    ...     output.line("rank 1", "stdout", "epoch 1")
    ...     await output.finish()
    >>> asyncio.run(show())
    1: epoch 1
    """

    def __init__(self) -> None:
        self._lines: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self._printing = asyncio.create_task(self._print())

    def line(self, name: str, stream: str, text: str) -> None:
        """Print a line of a process to the same stream as the process did."""
        who = name[len("rank ") :] if name.startswith("rank ") else name
        self._lines.put_nowait((stream, f"{who}: {text.expandtabs()}"))

    def note(self, text: str) -> None:
        """Print a line of the launcher itself, after all earlier lines."""
        self._lines.put_nowait(("stderr", text))

    async def finish(self) -> None:
        """Wait until all is printed."""
        waiting = asyncio.create_task(self._lines.join())
        await asyncio.wait({waiting, self._printing}, return_when=asyncio.FIRST_COMPLETED)
        self._printing.cancel()
        if self._printing.done() and not self._printing.cancelled():
            self._printing.result()  # raises the error that stopped printing
        waiting.cancel()

    async def _print(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            lines = [await self._lines.get()]
            while not self._lines.empty():
                lines.append(self._lines.get_nowait())
            await loop.run_in_executor(None, _print, lines)
            for _ in lines:
                self._lines.task_done()


def _print(lines: list[tuple[str, str]]) -> None:
    for stream, text in lines:
        if stream == "stdout":
            print_at_once(f"{printable(text)}\n")
        else:
            print_note(text)
