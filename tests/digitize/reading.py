"""Pages of a picture, read in this process, and what is read compared with what was drawn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mxdigits.digitize.opening.limits import page_name
from mxdigits.digitize.opening.picture import Pages, Source


def pages_of(source: Source, **options: object) -> Iterator[tuple[str, np.ndarray]]:
    """The name and the luminance of each page."""
    with Pages(source, **options) as pages:
        for number, light in enumerate(pages, 1):
            if light is not None:
                yield page_name(pages.name, number, pages.several), light


def far(one: np.ndarray, other: np.ndarray) -> float:
    """How much of their ink two images do not share; one that is moved by a pixel has 0.3."""
    both = one.astype(float), other.astype(float)
    return np.abs(both[0] - both[1]).sum() / max(both[0].sum() + both[1].sum(), 1)
