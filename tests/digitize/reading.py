"""Pages of a picture, read in this process."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mxdigits.digitize.opening.picture import Pages, Source, page_name


def pages_of(source: Source, **options: object) -> Iterator[tuple[str, np.ndarray]]:
    """The name and the luminance of each page."""
    with Pages(source, **options) as pages:
        for number, light in enumerate(pages, 1):
            if light is not None:
                yield page_name(pages.name, number, pages.several), light
