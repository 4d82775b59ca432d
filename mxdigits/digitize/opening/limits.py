"""The most pixels and pages that are read of a picture, and what its pages are called."""

from __future__ import annotations

# A photograph of 64 megapixels takes 256 MB as float32; a file of kilobytes may claim much more.
MOST_PIXELS = 64_000_000

# A file of kilobytes may claim many pages too, all of them large.
MOST_PAGES = 1000


def page_name(name: str, number: int, several: bool) -> str:
    """What to call a page, counted from 1: ``pages.tif#2``, but ``a.tif`` if there is only one.

    Example:
        >>> page_name("pages.tif", 2, several=True), page_name("a.png", 1, several=False)
        ('pages.tif#2', 'a.png')
    """
    return f"{name}#{number}" if several else name
