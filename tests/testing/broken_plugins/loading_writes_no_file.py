"""It keeps a cache where it is started."""

from pathlib import Path

Path("cache.txt").write_text("mine")


def build(*, classes=10): ...
