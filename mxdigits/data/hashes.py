"""Hashes of files, found out when somebody asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Callable


class Hashes(Mapping[str, str]):
    """The SHA-256 of each file, by name; who predicts with a million images asks for none.

    Args:
        ways: what gives the hash of each file. It is called once, if at all.

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
