"""Opens HEIC, the format of telephones' photographs, if pillow-heif is installed."""

from __future__ import annotations

from importlib.util import find_spec

SUFFIXES = (".heic", ".heif", ".hif")
HOW = "pip install pillow-heif, or convert to JPEG"

# What such a file may call itself, in the box that it begins with (ISO/IEC 23008-12).
_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


def is_heif(head: bytes) -> bool:
    r"""Whether a file that begins with these 12 bytes calls itself HEIC.

    Example:
        >>> is_heif(b"\0\0\0\x18ftypheic")
        True
    """
    return head[4:8] == b"ftyp" and head[8:12] in _BRANDS


def heif_installed() -> bool:
    """Whether pillow-heif is installed; it is not imported.

    Example:
        >>> heif_installed() in (True, False)
        True
    """
    return find_spec("pillow_heif") is not None


def register_heif() -> None:
    """Have Pillow open HEIC, as the format ``HEIF``.

    Raises:
        ImportError: if pillow-heif is missing, or does not start.

    Example:
        >>> register_heif()  # doctest: +SKIP
    """
    from pillow_heif import register_heif_opener

    register_heif_opener()
