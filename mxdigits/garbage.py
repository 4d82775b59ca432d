"""Keeps Python's garbage collector from running while a command starts and when it ends.

Imports make tens of thousands of objects, which stay until the process ends. The collector searches
them again and again while their number grows, and twice at the end. That takes a quarter of the
time of a short command.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# So many objects are made before the first collection: more than the imports of most commands.
AT_START = 100_000


@contextmanager
def looked_for_late() -> Iterator[None]:
    """Delay the first garbage collection until the process has made many objects.

    Later collections skip the objects that exist then, and none searches what exists at the end of
    the block. So the block must be the whole life of a process.

    Example:
        >>> with looked_for_late():  # doctest: +SKIP
        ...     sys.exit(main())
    """
    first, *others = gc.get_threshold()

    def go_on(phase: str, _: object) -> None:
        if phase == "stop":
            gc.callbacks.remove(go_on)
            gc.freeze()
            gc.set_threshold(first, *others)

    gc.callbacks.append(go_on)
    gc.set_threshold(max(first, AT_START), *others)
    try:
        yield
    finally:
        gc.freeze()
