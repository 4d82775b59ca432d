"""When Python looks for garbage: not while a command starts, and not when it ends.

Importing makes tens of thousands of objects, which stay until the process ends. Python looks
through them again and again while they become more, and twice at the end: a quarter of the time of
a short command.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# How many objects are made before garbage is looked for: more than most commands import.
AT_START = 100_000


@contextmanager
def looked_for_late() -> Iterator[None]:
    """Put off the search for garbage until the process has made many objects; then all is as usual.

    What is there at that moment, and at the end of the block, is looked at no more. So the block is
    the whole life of a process.

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
