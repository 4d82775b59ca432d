"""From a picture to the form of MNIST's images, and from a page to its digits.

Nothing here knows a network or a run. Start reading at ``mnist_form.py``, which uses all the
rest in this order:

- ``opening/``: from a file to a picture's luminance.
- ``paper/``: the sheet, straightened, and the light on it.
- ``ink/``: what is written there.
- ``lines/``: the lines that are printed there; ``clearing.py`` removes them in the right order.
- ``digits/``: which ink makes a digit.
- ``pixels/``: what all of them compute with.

``preprocessing.py`` prepares a picture like the images that a run's network was trained with;
``picture_reader.py`` reads pictures in a process that can be ended, which runs ``page_reading.py``.

Words:

- light: the brightness of a picture, from 0 to 1; ink: how much of a pixel is written on.
- piece: connected ink; several may make a digit.
- sheet: the paper, without what it lies on.
- rule: a printed line of the paper.
- confined: run in a process of its own, with bounded memory and time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .mnist_form import MOST_PIXELS, SIZE, Digit, digitize, find_digits, open_picture

__all__ = ["MOST_PIXELS", "SIZE", "Digit", "digitize", "find_digits", "open_picture"]


def __getattr__(name: str) -> object:
    # Imported on first use: the name of a preprocessing alone does not need Pillow.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(".mnist_form", __name__), name)
