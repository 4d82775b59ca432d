"""Objects that raise whatever they are asked, as a plugin's may."""

from __future__ import annotations


class Hiding(type):
    """A metaclass that tells nothing of its classes."""

    def __getattribute__(cls, name):
        if name in ("__name__", "__qualname__", "__module__", "__doc__"):
            raise RuntimeError(f"no {name}")
        return type.__getattribute__(cls, name)


class Text(str):
    """A text that cannot be used as one."""

    def __getattribute__(self, name):
        raise RuntimeError("no text")

    def __format__(self, how):
        raise RuntimeError("no text")


def _refuse(*_):
    raise RuntimeError("no")


class Hostile(Exception, metaclass=Hiding):
    """An exception that cannot be shown."""

    __str__ = __repr__ = _refuse
    __class__ = strerror = property(_refuse)


class HostileText(Exception):
    """One that says a text which cannot be used."""

    def __str__(self):
        return Text("said")


class HostileOSError(OSError):
    """One whose reason cannot be had."""

    strerror = property(_refuse)


class Odd(metaclass=Hiding):
    """An object of which nothing can be had."""

    def __getattribute__(self, name):
        raise Hostile

    __str__ = __repr__ = _refuse
