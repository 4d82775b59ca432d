"""A sheet of tiles: pictures side by side, with lines of text below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from ..arrays import Pixels
from ..errors import OutputError, UsageError
from ..foreign import reason_of
from ..storage.files import check_writable, replacing
from .lettering import INK, PAPER, Font, drawn_line, font_for, picture_of

_GAP = 4  # pixels between the pictures of a tile, and between its lines
_MARGIN = 12  # pixels around the sheet, and between tiles
_SHOWN = 112  # pixels to enlarge a smaller picture to
_WIDTH = 1200  # pixels of a sheet of many tiles
_TEXT = 14  # pixels: the height of a line without the gap
_MOST_CHARACTERS = 40  # in a line, since a name may be long


@dataclass(frozen=True, eq=False)
class Tile:
    """Pictures, uint8 (1 or 3, H, W), and lines of text.

    Example:
        >>> import numpy as np
        >>> Tile([np.zeros((1, 28, 28), np.uint8)], ["said 5"]).lines
        ['said 5']
    """

    pictures: Sequence[Pixels]
    lines: Sequence[str]


def tile_sheet(tiles: Sequence[Tile]) -> Image.Image:
    """All tiles in one RGB picture, as many in a row as fit.

    Example:
        >>> import numpy as np
        >>> tile_sheet([Tile([np.zeros((1, 28, 28), np.uint8)], ["said 5"])]).mode
        'RGB'
    """
    font = font_for(_TEXT, [line for tile in tiles for line in tile.lines])
    drawn = [_draw(tile, font) for tile in tiles]
    width = max(each.width for each in drawn) + _MARGIN
    height = max(each.height for each in drawn) + _MARGIN
    columns = max(1, min(len(drawn), (_WIDTH - _MARGIN) // width))
    rows = -(-len(drawn) // columns)
    sheet = Image.new("RGB", (columns * width + _MARGIN, rows * height + _MARGIN), PAPER)
    for place, each in enumerate(drawn):
        row, column = divmod(place, columns)
        sheet.paste(each, (_MARGIN + column * width, _MARGIN + row * height))
    return sheet


def check_picture_file(path: Path) -> None:
    """Check in advance that a picture can be written to a file.

    Raises:
        UsageError: if the name's ending is no format that Pillow writes.
        OutputError: if nothing can be written there.

    Example:
        >>> check_picture_file(Path("sheet.html"))
        Traceback (most recent call last):
            ...
        mxdigits.errors.UsageError: sheet.html is no name of a picture: write sheet.png
    """
    check_writable(path)
    Image.init()
    if Image.EXTENSION.get(path.suffix.lower()) not in Image.SAVE:
        raise UsageError(f"{path} is no name of a picture: write {path.with_suffix('.png')}")


def write_picture(picture: Image.Image, path: Path) -> None:
    """Write a picture completely or not at all, in the format of the name's ending.

    Raises:
        OutputError: if it cannot be written.

    Example:
        >>> write_picture(Image.new("RGB", (9, 9)), Path("black.png"))
        >>> Path("black.png").read_bytes()[1:4]
        b'PNG'
    """
    try:
        with replacing(path) as temporary:
            picture.save(temporary)
    except ValueError as error:  # of Pillow, such as for a picture too wide for a format
        raise OutputError(f"cannot write {path}: {reason_of(error)}") from None


def _draw(tile: Tile, font: Font) -> Image.Image:
    pictures = [_enlarged(picture_of(each)) for each in tile.pictures]
    lines = [drawn_line(_short(line), font) for line in tile.lines]
    below = max(each.height for each in pictures) + _GAP
    width = sum(each.width + _GAP for each in pictures) - _GAP
    drawn = Image.new(
        "RGB",
        (max([width, *(each.width for each in lines)]), below + len(lines) * (_TEXT + _GAP)),
        PAPER,
    )
    left = 0
    for each in pictures:
        drawn.paste(each, (left, 0))
        left += each.width + _GAP
    for place, each in enumerate(lines):
        # The text is its own mask: it leaves ink where it is white.
        drawn.paste(INK, (0, below + place * (_TEXT + _GAP)), each)
    return drawn


def _short(line: str) -> str:
    return line if len(line) <= _MOST_CHARACTERS else f"...{line[3 - _MOST_CHARACTERS :]}"


def _enlarged(picture: Image.Image) -> Image.Image:
    times = max(1, _SHOWN // max(picture.size))
    size = picture.width * times, picture.height * times
    return picture.resize(size, Image.Resampling.NEAREST)
