"""From a picture to the form of MNIST's images, and from a page to its digits.

Nothing here knows a network or a run. Start reading at ``mnist_form.py``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .mnist_form import MOST_PIXELS, SIZE, Digit, digitize, find_digits, open_picture

__all__ = ["MOST_PIXELS", "SIZE", "Digit", "digitize", "find_digits", "open_picture"]


def __getattr__(name: str) -> Any:
    # When first used: whoever wants only the name of a preprocessing need not import Pillow.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(".mnist_form", __name__), name)
