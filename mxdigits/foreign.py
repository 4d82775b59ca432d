"""Exceptions and values of Python, libraries and plugins, in words.

An mxdigits error can quote any of them in one line, even where a plugin's class is broken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from .errors import MxdigitsError, PluginError


def type_name(value: object) -> str:
    """The name of an object's type, even if the metaclass of a plugin hides it.

    Example:
        >>> type_name(3), type_name(ValueError)
        ('int', 'type')
    """
    return str.__str__(type.__dict__["__name__"].__get__(type(value)))


def text_of(error: BaseException) -> str:
    """The message of an exception, even if its own ``__str__`` fails, as a plugin's may.

    Example:
        >>> text_of(ValueError("too large"))
        'too large'
    """
    try:
        return str.__str__(str(error))  # str(error) may return an object of a subclass of str
    except KeyboardInterrupt:
        raise
    except BaseException:
        return f"{type_name(error)}, which cannot be shown"


_BYTES = re.compile(r"""\bb('([^'\\]|\\.)*'|"([^"\\]|\\.)*")""")


def reason_of(error: BaseException) -> str:
    """Why a file cannot be read or written, in one line.

    It is the system's error text, or the library's message without any bytes that it quotes from
    the file.

    >>> reason_of(ValueError("broken PNG file (chunk b'x(y')"))
    'broken PNG file (chunk ...)'
    """
    text = _BYTES.sub("...", _words_of(error))
    return " ".join(text.split()) or type_name(error)


def _words_of(error: BaseException) -> str:
    with suppress(Exception):
        strerror = getattr(error, "strerror", None)
        if type(strerror) is str:
            return strerror
        if len(error.args) == 1 and type(error.args[0]) is bytes:  # from Pillow's reader of PNM
            return error.args[0].decode("ascii", "backslashreplace")
    return text_of(error)


def describe(error: BaseException) -> str:
    r"""An exception in one line.

    Example:
        >>> describe(ValueError("too\nlarge"))
        'ValueError: too large'
    """
    text = " ".join(text_of(error).split())
    return f"{type_name(error)}: {text}" if text else type_name(error)


def first_line(error: BaseException) -> str:
    r"""The first non-empty line of an exception's message: some libraries append long traces.

    Example:
        >>> first_line(ValueError(" \nThe model is broken.\nTrace: ..."))
        'The model is broken.'
    """
    lines = [line.strip() for line in text_of(error).splitlines() if line.strip()]
    return lines[0] if lines else type_name(error)


@contextmanager
def naming(
    what: str, passing: tuple[type[BaseException], ...] = (MxdigitsError,)
) -> Iterator[None]:
    """Turn whatever a plugin raises in a ``with`` block into a :class:`PluginError`.

    Its message begins with ``what``. Exceptions of the types ``passing`` go on unchanged, and so
    does KeyboardInterrupt.

    Raises:
        PluginError: the cause is chained.

    Example:
        >>> with naming("model 'tiny' cannot be built"):
        ...     raise ValueError("too large")
        Traceback (most recent call last):
            ...
        mxdigits.errors.PluginError: model 'tiny' cannot be built: ValueError: too large
    """
    try:
        yield
    except KeyboardInterrupt:
        raise
    except passing:
        raise
    except BaseException as error:
        raise PluginError(f"{what}: {describe(error)}") from error
