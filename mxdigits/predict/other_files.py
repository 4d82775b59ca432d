"""Files that people mistake for images: what they are, and what to give instead."""

from __future__ import annotations

import re
from pathlib import Path

from ..data.idx import ELEMENTS, INT32, UNSIGNED_BYTE, header_of, idx_header
from ..data.tables import archive_of, is_array_file, is_table

_BEGINNINGS = {
    b"\x93NUMPY": "an array of NumPy alone; save it in an archive, "
    "numpy.savez('images.npz', images=array), and give that",
    b"PK\x03\x04": "an archive (ZIP); unpack it first, and if it is NumPy's, end its name in .npz",
    b"\x1f\x8b": "packed with gzip; unpack it first",
    b"%PDF": "a PDF; save its pages as PNG or TIFF",
}
# The end of a PNG, JPEG or GIF, directly followed by the beginning of another.
_NEXT = re.compile(rb"(?:IEND\xaeB`\x82|\xff\xd9|;)(?:\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a)")
_INDEX = b"MPF\0"  # in a camera's JPEG that ends with smaller copies of itself
_SYMBOL = "-symbol.json"
_LONGEST = max(map(len, _BEGINNINGS))


def what_instead(path: Path) -> str:
    """Return what a file is, and what to give instead; empty if it may be a picture.

    Example:
        >>> Path("digits.pdf").write_bytes(b"%PDF-1.7")
        8
        >>> what_instead(Path("digits.pdf"))
        'a PDF; save its pages as PNG or TIFF'
    """
    if found := of_mxnet(path):
        return found
    if is_table(path):
        write = f"numpy.savez({archive_of(path)!r}, images=...)"
        return f"a table; to read its pixels, write them as uint8 (N, H, W) by {write}"
    header = idx_header(path)
    if header is not None:
        return _of_idx(path, *header)
    found = of_content(_beginning(path))
    if is_array_file(path) and not found:
        write = f"numpy.savez({archive_of(path)!r}, images=...)"
        return f"arrays; to read images among them, write these as uint8 (N, H, W) by {write}"
    return found


def of_mxnet(path: Path) -> str:
    """Like :func:`what_instead`, by the name alone: recognises the files of an MXNet network.

    Example:
        >>> of_mxnet(Path("lenet-0003.params"))[:30]
        'parameters of a network of MXN'
        >>> of_mxnet(Path("lenet.onnx"))
        ''
    """
    exports = "makes a file of it that predicts"
    if path.name.endswith(_SYMBOL):
        return f"a network of MXNet's; mxdigits export {path} {exports}"
    if path.suffix == ".params":
        symbol = path.with_name(re.sub(r"(-\d{4,})?\.params\Z", _SYMBOL, path.name))
        return f"parameters of a network of MXNet's; mxdigits export {symbol} {exports}"
    return ""


def of_content(content: bytes) -> str:
    r"""Like :func:`what_instead`, by the first bytes of content without a name.

    Example:
        >>> of_content(b"%PDF-1.7"), of_content(b"\x89PNG")
        ('a PDF; save its pages as PNG or TIFF', '')
    """
    if header_of(content) is not None:
        return "an IDX file; give its name, for pictures alone are read without one"
    return of_beginning(content)


def of_beginning(content: bytes) -> str:
    r"""Like :func:`of_content`, without IDX files.

    Example:
        >>> of_beginning(b"\x1f\x8b\x08")
        'packed with gzip; unpack it first'
    """
    return next((what for begin, what in _BEGINNINGS.items() if content.startswith(begin)), "")


def more_follow(content: bytes) -> bool:
    r"""Whether more pictures follow the first one, as if several files were concatenated.

    Example:
        >>> more_follow(b"\x89PNG..IEND\xaeB`\x82"), more_follow(b"GIF89a..;GIF89a..;")
        (False, True)
    """
    return _INDEX not in content and _NEXT.search(content) is not None


def _beginning(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(_LONGEST)
    except OSError:  # reported when the file is read
        return b""


def _of_idx(path: Path, kind: int, dims: int) -> str:
    if dims == 1 or (kind, dims) == (INT32, 2):  # the latter: QMNIST's
        return (
            "an IDX file of labels; give the file of the images, or the folder "
            f"that holds both, {path.parent}"
        )
    if kind != UNSIGNED_BYTE:
        return f"an IDX file of {ELEMENTS[kind]}; images are read of {ELEMENTS[UNSIGNED_BYTE]}"
    return f"an IDX file of {dims} dimensions; images have 3: their number, height and width"
