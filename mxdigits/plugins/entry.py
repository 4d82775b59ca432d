"""One name and who offers it: a distribution by an entry point, or this process."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable, Optional

from ..foreign import naming
from .own import OURS
from .signatures import Options, SourceMissing, options_in_source, options_of

# In place of a distribution, for what :meth:`~.registry.Registry.register` has taken.
IN_PROCESS = "this process"

# As the standard allows: spaces around the colon, and extras in brackets behind.
_TARGET = re.compile(r"\s*([\w.]+)\s*:\s*([\w.]+)\s*(?:\[.*\]\s*)?")


@dataclass(frozen=True)
class Entry:
    """One name and who offers it; ``target`` is ``module:object``.

    ``factory`` is there for what was registered in this process, without an entry point; ``fault``
    is what is wrong with the files of its distribution.

    Example:
        >>> entry = Entry("tiny", "mxdigits_tiny:Tiny", "mxdigits-tiny", "0.1.0")
        >>> print(entry)
        mxdigits_tiny:Tiny from mxdigits-tiny 0.1.0
        >>> entry.place()
        ('mxdigits_tiny', 'Tiny')
    """

    name: str
    target: str
    distribution: str
    version: str
    factory: Optional[Callable[..., object]] = None
    fault: str = ""

    def __str__(self) -> str:
        return f"{self.target} from {self.distribution} {self.version}"

    def unmet(self) -> str:
        """What its distribution requires and does not find here; empty if that is nothing."""
        if self.factory is not None or self.distribution == OURS:
            return ""
        from .installed import unmet

        return "; ".join(unmet(self.distribution))

    def options(self) -> Optional[Options]:
        """The options of the factory, read from its source; None if that does not tell.

        Raises:
            SourceMissing: if there is no such module or object.
            PluginError: if a factory that is here already does not tell.
        """
        if self.factory is not None:
            with naming(f"{self} hides its options"):
                return options_of(self.factory)
        return options_in_source(*self.place())

    def place(self) -> tuple[str, str]:
        """The module and the name in it that ``target`` says.

        Raises:
            SourceMissing: if it says no such thing.
        """
        parts = _TARGET.fullmatch(self.target)
        if parts is None:
            raise SourceMissing(f"its entry point is {self.target!r}; it must be MODULE:OBJECT")
        return parts[1], parts[2]
