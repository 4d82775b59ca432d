"""Legal pictures of some kilobytes that keep a decoder busy for long."""

from __future__ import annotations

import io

from PIL import Image


def many_scans(side: int = 4000, times: int = 1000) -> bytes:
    """A blank progressive JPEG whose last scan comes again and again."""
    file = io.BytesIO()
    Image.new("L", (side, side), 255).save(file, "JPEG", progressive=True)
    content, end = file.getvalue()[:-2], file.getvalue()[-2:]
    scan = content[content.rindex(b"\xff\xda") :]
    return content + scan * times + end


def short_lines(side: int = 4000) -> bytes:
    """A run-length encoded BMP of one pixel and an end of line for each of its lines."""
    data = b"\1\0\0\0" * side
    palette = b"".join(bytes([grey, grey, grey, 0]) for grey in range(256))
    start = 14 + 40 + len(palette)
    header = b"BM" + _little(start + len(data), 0, start)
    return (
        header + _little(40, side, side, 1 | 8 << 16, 1, len(data), 0, 0, 256, 0) + palette + data
    )


def grey_of_254(side: int = 4000) -> bytes:
    """A PGM whose greys end at 254: Pillow scales each pixel in a loop of Python's."""
    return b"P5 %d %d 254\n" % (side, side) + b"\xfe" * side * side


def _little(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(4, "little") for number in numbers)
