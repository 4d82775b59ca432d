"""Hashes of files, computed when they are first read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Callable


class Hashes(Mapping[str, str]):
    """The SHA-256 of each file, by name, computed only if needed: prediction needs none.

    Args:
        ways: a function for each file that computes its hash. It is called at most once.

    Example:
        >>> hashes = Hashes({"labels-idx1-ubyte": lambda: "08b6"})
        >>> len(hashes), dict(hashes)
        (1, {'labels-idx1-ubyte': '08b6'})
    """

    def __init__(self, ways: Mapping[str, Callable[[], str]]):
        self._ways = ways
        self._found: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        if name not in self._found:
            self._found[name] = self._ways[name]()
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._ways)

    def __len__(self) -> int:
        return len(self._ways)
