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


def grey_of_254(side: int = 4000) -> bytes:
    """A PGM whose greys end at 254: Pillow scales each pixel in a loop of Python's."""
    return b"P5 %d %d 254\n" % (side, side) + b"\xfe" * side * side


def many_strips(count: int = 2_000_000) -> bytes:
    """A TIFF of two pages: one of 1 x 1, and one as high as it has strips, each of a pixel."""
    file = io.BytesIO()
    Image.new("L", (1, 1), 255).save(file, "TIFF")
    content = bytearray(file.getvalue())
    first = int.from_bytes(content[4:8], "little")
    link = first + 2 + 12 * int.from_bytes(content[first : first + 2], "little")
    offsets = len(content)
    content += _little(8) * count
    lengths = len(content)
    content += _little(1) * count
    content[link : link + 4] = _little(len(content))
    tags = [(256, 1, 1), (257, 1, count), (258, 1, 8), (259, 1, 1), (262, 1, 1)]
    tags += [(273, count, offsets), (278, 1, 1), (279, count, lengths)]
    content += len(tags).to_bytes(2, "little")
    for tag, values, value in tags:
        content += _little(tag | 4 << 16, values, value)
    return bytes(content + _little(0))


def _little(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(4, "little") for number in numbers)
