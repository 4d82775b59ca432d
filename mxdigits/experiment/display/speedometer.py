"""Chooses the display of a run: bars on a terminal, lines anywhere else.

Both are callbacks that only read events, and both are context managers: when the ``with`` block
ends, even by an exception, the terminal is as it was before.
"""

from __future__ import annotations

from typing import Optional

from rich.console import Console

from .live import LiveSpeedometer
from .plain import PlainSpeedometer, Speedometer


def speedometer(console: Optional[Console] = None, *, plain: bool = False) -> Speedometer:
    """The display for a console: bars on a terminal, plain lines elsewhere or if asked for.

    >>> type(speedometer(plain=True)).__name__
    'PlainSpeedometer'
    """
    console = console or Console()
    # FORCE_COLOR makes rich take a pipe for a terminal; it asks for colours there, not for bars.
    watched = console.is_interactive and not console.is_dumb_terminal and console.file.isatty()
    return LiveSpeedometer(console) if watched and not plain else PlainSpeedometer(console.file)
