"""Predicts with a run's network: to a file of predictions, or to the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Optional

import numpy as np

from ..arrays import Bools, Pixels, Probabilities
from ..digitize.digits.likeness import LIKELY, weighted
from ..digitize.pixels.components import Box
from ..errors import UsageError
from ..signals import stoppable
from ..storage.files import check_writable
from ..train.evaluator import Evaluator
from ..wording import Say
from .image_pieces import ImagePiece, dataset_pieces, pages_of, pieces_of
from .inputs import Reader
from .opening import (
    Amount,
    EvaluationRequest,
    open_evaluator,
    own_data,
    resizing_note,
    run_data,
    trained_network,
    trained_preprocessing,
)
from .output_names import overlay_files, overlays_there, refuse_inputs
from .predictions import Layout, Piece, check_format, predictions_file
from .seen import drawings_there, drawn_into

if TYPE_CHECKING:  # it imports Pillow
    from ..digitize.digit import Marks


@dataclass(frozen=True, eq=False)
class Read:
    """A network's answer for one image, uint8 (H, W).

    ``file`` is where the image comes from; ``box`` is its place in a picture of several digits,
    ``line`` its line on the page, and ``marks`` those before and after it there. ``best`` are
    classes with their probabilities, the best first. ``sure`` says whether the first has the
    requested probability, and the ink is likely a digit.

    >>> Read("photo.jpg", np.zeros((28, 28), np.uint8), [("7", 0.98)]).answer
    '7'
    """

    file: str
    image: Pixels
    best: Sequence[tuple[str, float]]
    box: Optional[Box] = None
    line: Optional[int] = None
    sure: bool = True
    marks: Marks = ("", "")

    @property
    def answer(self) -> str:
        """The name of the best class."""
        return self.best[0][0]


Answer = Callable[[Read], None]


@dataclass(frozen=True)
class PredictionSink:
    """Where predictions go, and what is written.

    ``output`` is a file of predictions; ``top`` is how many of the best classes it holds instead of
    all probabilities; ``saved`` is a folder for pictures of what the network saw; ``answer`` is
    called with each image's :class:`Read`; ``least`` is the least confidence of a sure answer;
    ``overlay`` is a picture of the page with the answers drawn over it; further pages get
    ``-2``, ``-3`` and so on in their names.

    >>> PredictionSink(output=Path("mine.csv"), top=3).top
    3
    """

    output: Optional[Path] = None
    top: Optional[int] = None
    saved: Optional[Path] = None
    answer: Optional[Answer] = None
    least: float = 0.0
    overlay: Optional[Path] = None

    def check(self, inputs: Sequence[str]) -> None:
        """Check before anything is predicted that all files can be written.

        Raises:
            MxdigitsError: with the reason if one cannot, or if it is one of the inputs.
        """
        outputs: list[Path] = []
        if self.output is not None:
            check_format(self.output)
            check_writable(self.output)
            outputs.append(self.output)
        if self.overlay is not None:
            from ..data.tiles import check_picture_file  # imports Pillow

            check_picture_file(self.overlay)
            outputs += overlays_there(self.overlay)
        if self.saved is not None:
            outputs += drawings_there(self.saved)
        refuse_inputs(outputs, inputs)


@dataclass(frozen=True)
class Predicted:
    """How many images were predicted, and why some pictures were not.

    >>> Predicted(2, ("photo.jpg: shows no digit",)).count
    2
    """

    count: int
    unread: tuple[str, ...]
    unsure: int = 0


def predict_run(
    path: Path,
    inputs: Sequence[str],
    request: EvaluationRequest,
    say: Say,
    sink: PredictionSink,
    *,
    many: bool = False,
    preprocessing: Optional[str] = None,
    any_ink: bool = False,
) -> Predicted:
    """Predict pictures and data sets with a run's network.

    Args:
        path: the run folder, or an ONNX file.
        inputs: pictures, folders, globs, ``-``, IDX and NPZ files, names of data sets; if empty,
            the data set that ``request`` names.
        request: the data set, the part of it, and the device.
        say: called with what a user should know at once.
        sink: where the predictions go.
        many: whether to look for every digit of a picture.
        preprocessing: how to prepare pictures, instead of the way in the run folder.
        any_ink: whether to read also ink that does not look like a digit.

    Raises:
        Interrupted: after SIGINT, SIGTERM or SIGHUP; nothing half-written is left.
        MxdigitsError: if the folder, the data, the device or the file cannot be used.

    >>> run = Path("runs/mlp/20261123T153755Z-62fd27")
    >>> sink = PredictionSink(Path("mine.csv"))
    >>> predict_run(run, ["photo.jpg"], EvaluationRequest(), print, sink).count  # doctest: +SKIP
    """
    if inputs and request.data is not None:
        raise UsageError("name the inputs, or a data set with --data, not both")
    sink.check(inputs or request.files)
    trained = trained_network(path)
    unread: list[str] = []
    amount = Amount()  # the number of inputs is not known before they are read
    reader = Reader(
        trained_preprocessing(trained, preprocessing, any_ink=any_ink),
        many,
        request.split,
        lambda error: unread.append(str(error)),
        run_data(trained, say),
        resizing_note(trained, preprocessing),
    )
    if inputs:
        reader.check(inputs)
        reader.start(inputs)  # it becomes ready while MXNet is imported
        items = reader.items(inputs)
        pieces = pages_of(items) if sink.overlay else pieces_of(drawn_into(items, sink.saved))
    else:
        dataset = own_data(path, request, trained, say)
        split = reader.part(dataset)
        pieces, amount = dataset_pieces(dataset.name, split, sink.saved), Amount(len(split))
    evaluator = open_evaluator(path, request, say, many=amount)
    classes = trained.network.classes
    top = None if sink.top is None else min(sink.top, len(classes))
    layout = Layout(len(classes), top, files=bool(inputs), boxes=many, names=classes)
    done = unsure = 0
    drawn: list[Path] = []
    overlays = overlay_files(sink.overlay)
    with ExitStack() as files:
        files.enter_context(stoppable()).meanwhile = "before the predictions were complete"
        file = files.enter_context(predictions_file(sink.output, layout)) if sink.output else None
        for piece in pieces:
            prob = _probabilities(evaluator, piece)
            sure = _sure(piece, prob, sink.least)
            done += len(sure)
            unsure += int((~sure).sum())
            if file is not None:
                places = piece.boxes, piece.lines, piece.angles, piece.marks
                file.write(Piece(prob, piece.labels, piece.files, *places))
            if sink.answer is not None or sink.overlay is not None:  # a second for a million
                read = _read(piece, prob, classes, top or 3, sure)
                drawn += _show(piece, read, sink.answer, overlays)
    if drawn:
        pages = "the page" if len(drawn) == 1 else f"{len(drawn)} pages"
        named = " to ".join(str(each) for each in dict.fromkeys([drawn[0], drawn[-1]]))
        say(f"what was read is drawn over {pages}: {named}")
    return Predicted(done, tuple(unread), unsure)


def _probabilities(evaluator: Evaluator, piece: ImagePiece) -> Probabilities:
    """Of each class, float32 (n, classes); lower for ink that does not look like a digit."""
    prob = evaluator.predict(piece.images)
    return prob if piece.likeness is None else weighted(prob, piece.likeness)


def _sure(piece: ImagePiece, prob: Probabilities, least: float) -> Bools:
    """Which answers have at least the requested probability, and ink that is likely a digit."""
    sure = prob.max(axis=1) >= least
    return np.asarray(sure if piece.likeness is None else sure & (piece.likeness >= LIKELY))


def _read(
    piece: ImagePiece, prob: Probabilities, classes: Sequence[str], top: int, sure: Bools
) -> list[Read]:
    best = Piece(prob).ranked(top)
    none: Sequence[None] = [None] * len(prob)
    files = piece.files or [""] * len(prob)
    places = piece.boxes or none, piece.lines or none
    marks = piece.marks or [("", "")] * len(prob)
    each = zip(files, piece.images, *places, prob.tolist(), best, sure.tolist(), marks)
    return [
        Read(
            *(file, image[0], [(classes[i], row[i]) for i in ranks.tolist()]),
            *(box, line, is_sure, beside),
        )
        for file, image, box, line, row, ranks, is_sure, beside in each
    ]


def _show(
    piece: ImagePiece, read: Sequence[Read], answer: Optional[Answer], overlays: Iterator[Path]
) -> list[Path]:
    """Call ``answer`` with each answer of a piece, and draw the answers over its page.

    Returns:
        The file of the drawing, if there is one.
    """
    if answer is not None:
        for each in read:
            answer(each)
    if piece.picture is not None and (overlay := next(overlays, None)):
        from .overlay import draw_overlay  # imports Pillow

        draw_overlay(piece.picture, _over(read), overlay)
        return [overlay]
    return []


def _over(read: Sequence[Read]) -> list[tuple[Box, str, bool]]:
    """The boxes and texts that are drawn over a page."""
    return [
        (each.box, f"{before}{each.answer}{'' if each.sure else '?'}{after}", each.sure)
        for each in read
        for before, after in [each.marks]
        if each.box is not None
    ]
