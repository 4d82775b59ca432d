"""The picture in docs/digits.md: one picture of each kind, and below it what was read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.blanks import BLANK
from benchmarks.camera_cells import CELLS
from benchmarks.others import OTHERS
from benchmarks.pictures import Grey, Random
from benchmarks.scenes import SINGLE
from mxdigits.digitize.digits.likeness import weighted
from mxdigits.digitize.mnist_form import SIZE, open_picture
from mxdigits.digitize.preprocessing import MNIST, Preprocessing

_TILE, _TEXT, _ACROSS = 112, 30, 5  # pixels; tiles in a row
_GREYS = 16  # of the file: more are not seen at this size, and make it large


def show(trainer: Any, images: Grey, random: Random, path: Path) -> None:
    """Draw each kind of picture with what a trainer reads in it.

    Args:
        trainer: reads the pictures.
        images: digits of MNIST, (N, 28, 28), one a kind.
        random: what chance decides of them.
        path: the file, PNG.
    """
    drawn = {**SINGLE, **CELLS}
    files = [draw(image, random) for draw, image in zip(drawn.values(), images)]
    files += [draw(random) for draw in (*BLANK.values(), *OTHERS.values())]
    names = [name.replace("_", " ") for name in (*drawn, *BLANK, *OTHERS)]
    tiles = [_tile(file, name, trainer) for file, name in zip(files, names)]
    rows = -(-len(tiles) // _ACROSS)
    sheet = Image.new("L", (_ACROSS * (_TILE + 8), rows * (_TILE + _TEXT + 8)), 255)
    for at, tile in enumerate(tiles):
        row, column = divmod(at, _ACROSS)
        sheet.paste(tile, (4 + column * (_TILE + 8), 4 + row * (_TILE + _TEXT + 8)))
    sheet.quantize(_GREYS).save(path, optimize=True)


def _tile(file: bytes, name: str, trainer: Any) -> Image.Image:
    light = open_picture(file)
    picture = Image.fromarray(np.rint(np.clip(light, 0, 1) * 255).astype(np.uint8))
    picture.thumbnail((_TILE, _TILE), Image.Resampling.BOX)
    tile = Image.new("L", (_TILE, _TILE + _TEXT), 255)
    tile.paste(picture, ((_TILE - picture.width) // 2, (_TILE - picture.height) // 2))
    ImageDraw.Draw(tile).multiline_text((2, _TILE + 2), f"{name}\n{_said(light, trainer)}", fill=0)
    return tile


def _said(light: Any, trainer: Any) -> str:
    digit, count = Preprocessing(MNIST, (1, SIZE, SIZE)).counted_digit(light)
    if not count:
        return "no digit"
    (shares,) = weighted(trainer.predict(digit.image[None]), digit.likeness)
    return f"{shares.argmax()}, {100 * shares.max():.1f} %"
