"""Every display is tested before the same terminal."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _same_terminal_everywhere(monkeypatch):
    names = "COLUMNS LINES NO_COLOR FORCE_COLOR TTY_COMPATIBLE TTY_INTERACTIVE"
    for name in names.split():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
