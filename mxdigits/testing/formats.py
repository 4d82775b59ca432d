"""The checks of formats of predictions."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

import numpy as np

from ..digitize.pixels.components import Box
from ..errors import MxdigitsError
from ..predict.predictions import Layout, Piece, predictions_file
from .case import Case, expect_settings_kept
from .results import Broken, Check, vital

_CLASSES = 10


@vital
def writes_predictions(case: Case) -> str:
    """It writes a file of two pieces of predictions, with their labels.

    >>> from mxdigits.registry import EXPORTERS
    >>> writes_predictions(Case(EXPORTERS, EXPORTERS.entry("csv"), {}))
    '654 bytes for 5 images'
    """
    _ = case.settings_before
    size, _ = _written(case, Layout(classes=_CLASSES), [_piece(3), _piece(2)])
    if not size:
        raise Broken("an empty file", "write in write(piece), and close the file in __exit__")
    return f"{size} bytes for 5 images"


def writes_every_image(case: Case) -> None:
    """Twenty thousand images more, in two pieces, make the file longer.

    >>> from mxdigits.registry import EXPORTERS
    >>> writes_every_image(Case(EXPORTERS, EXPORTERS.entry("csv"), {}))
    """
    few, _ = _written(case, Layout(classes=_CLASSES), [_piece(2)])
    many, _ = _written(case, Layout(classes=_CLASSES), [_piece(2), *[_piece(10_000)] * 2])
    if many < few + 10_000:
        raise Broken(
            f"{few} bytes for 2 images and {many} for 20,002",
            "write(piece) is called many times: add to the file each time",
        )


def takes_every_layout(case: Case) -> None:
    """It writes with and without labels, file names, names of classes, boxes and `top`.

    >>> from mxdigits.registry import EXPORTERS
    >>> takes_every_layout(Case(EXPORTERS, EXPORTERS.entry("csv"), {}))
    """
    box = (1, 2, 11, 12)
    for layout, pieces in (
        (Layout(classes=_CLASSES), [_piece(3, labels=False)]),
        (Layout(classes=2, top=3), [_piece(3, classes=2)]),
        (Layout(classes=2, names=("=1+1", "ä\nb")), [_piece(3, classes=2)]),
        (Layout(classes=_CLASSES, files=True), [_piece(2, labels=False, files=("a.png", "ä b"))]),
        (
            Layout(classes=_CLASSES, top=3, files=True, boxes=True),
            [_piece(2, labels=False, files=("a.png", "a.png"), boxes=(box, None))],
        ),
        (Layout(classes=_CLASSES), []),
    ):
        try:
            _written(case, layout, pieces)
        except MxdigitsError as error:
            raise Broken(
                f"with {layout} {error}", "look at layout and piece for what there is to write"
            ) from None


def leaves_only_its_file(case: Case) -> None:
    """When it is closed, nothing else is in the folder of its file.

    >>> from mxdigits.registry import EXPORTERS
    >>> leaves_only_its_file(Case(EXPORTERS, EXPORTERS.entry("csv"), {}))
    """
    _, left = _written(case, Layout(classes=_CLASSES), [_piece(3)])
    if left:
        raise Broken(", ".join(left), "remove in __exit__ whatever you made besides `path`")


def writing_keeps_settings(case: Case) -> None:
    """Writing changes no setting of NumPy, MXNet or the process.

    >>> from mxdigits.registry import EXPORTERS
    >>> writing_keeps_settings(Case(EXPORTERS, EXPORTERS.entry("csv"), {}))
    """
    expect_settings_kept(case)


WRITING: list[Check] = [
    writes_predictions,
    writes_every_image,
    takes_every_layout,
    leaves_only_its_file,
    writing_keeps_settings,
]


def _piece(
    count: int,
    *,
    classes: int = _CLASSES,
    labels: bool = True,
    files: Sequence[str] = (),
    boxes: Sequence[Optional[Box]] = (),
) -> Piece:
    random = np.random.default_rng(count)
    prob = random.random((count, classes)).astype(np.float32)
    prob /= prob.sum(axis=1, keepdims=True)
    return Piece(prob, np.arange(count) % classes if labels else None, files, boxes)


def _written(case: Case, layout: Layout, pieces: Sequence[Piece]) -> tuple[int, list[str]]:
    """The size in bytes of a file with some predictions, and the names of other files beside it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"predictions.{case.entry.name}")
        with predictions_file(path, layout) as file:
            for piece in pieces:
                file.write(piece)
        others = sorted(each.name for each in Path(folder).iterdir() if each != path)
        return path.stat().st_size, others
