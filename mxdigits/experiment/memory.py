"""Says what to do if the memory of a machine or a device is too small for a batch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import MxdigitsError, RunFailed
from ..foreign import text_of

# How MXNet, CUDA and C++ report it.
_NO_MEMORY = ("out of memory", "failed to allocate", "bad_alloc", "bad alloc")


@contextmanager
def memory_in_words(batch_size: int) -> Iterator[None]:
    """Turn a lack of memory into an error that says what was tried and what to set.

    Example:
        >>> with memory_in_words(batch_size=100):
        ...     raise MemoryError
        Traceback (most recent call last):
            ...
        mxdigits.errors.RunFailed: there is not enough memory for data.batch_size: 100; set a ...
    """
    try:
        yield
    except MxdigitsError:
        raise
    except Exception as error:
        text = text_of(error).lower()
        lack = any(word in text for word in _NO_MEMORY)
        if not lack and not isinstance(error, MemoryError):
            raise
        smaller = (
            f"; set a smaller one, such as data.batch_size={batch_size // 2}, or compute it in "
            "parts: accumulate=2"
        )
        raise RunFailed(
            f"there is not enough memory for data.batch_size: {batch_size}"
            + smaller * (batch_size > 1)
        ) from error
