"""One name and who offers it: a distribution with an entry point, or this process."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable, Optional

from ..foreign import naming
from .own import OURS
from .signatures import Options, SourceMissing, options_in_source, options_of

# The distribution of factories that :meth:`~.registry.Registry.register` has registered.
IN_PROCESS = "this process"

# The standard allows spaces around the colon, and extras in brackets at the end.
_TARGET = re.compile(r"\s*([\w.]+)\s*:\s*([\w.]+)\s*(?:\[.*\]\s*)?")


@dataclass(frozen=True)
class Entry:
    """One name and who offers it; ``target`` is ``module:object``.

    ``factory`` is set only if it was registered in this process, without an entry point; ``fault``
    says what is wrong with the files of its distribution.

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
        """The requirements of its distribution that are not met here; empty if all are."""
        if self.factory is not None or self.distribution == OURS:
            return ""
        from .installed import unmet

        return "; ".join(unmet(self.distribution))

    def options(self) -> Optional[Options]:
        """The options of the factory, read from its source; None if the source does not show them.

        Raises:
            SourceMissing: if there is no such module or object.
            PluginError: if a factory of this process hides its options.
        """
        if self.factory is not None:
            with naming(f"{self} hides its options"):
                return options_of(self.factory)
        return options_in_source(*self.place())

    def place(self) -> tuple[str, str]:
        """The module that ``target`` names, and the object's name in it.

        Raises:
            SourceMissing: if ``target`` is not of the form ``module:object``.
        """
        parts = _TARGET.fullmatch(self.target)
        if parts is None:
            raise SourceMissing(f"its entry point is {self.target!r}; it must be MODULE:OBJECT")
        return parts[1], parts[2]
