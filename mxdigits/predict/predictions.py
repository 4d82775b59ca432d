"""Write predictions to files, piece by piece; the suffix of the file's name is its format.

The formats are plugins; :mod:`mxdigits.predict.formats` has those that come with mxdigits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Optional, Protocol

import numpy as np

from ..arrays import Integers, Labels, Probabilities
from ..digitize.pixels.components import Box
from ..errors import DataError, MxdigitsError, PluginError, UsageError
from ..foreign import naming
from ..plugins.registry import EXPORTERS
from ..storage.files import replacing
from ..storage.npz import read_npz

if TYPE_CHECKING:  # it imports Pillow
    from ..digitize.digit import Marks


@dataclass(frozen=True)
class Layout:
    """The columns of a file of predictions, which are known before the first prediction.

    ``classes`` is their number; ``top`` is how many of the best classes to write instead of every
    probability; ``files`` and ``boxes`` say whether each image has a file name and a box;
    ``names`` are those of the classes, in their order: 0, 1, 2, ... if left out.

    >>> Layout(classes=2, names=("minus", "plus")).name(1)
    'plus'
    """

    classes: int
    top: Optional[int] = None
    files: bool = False
    boxes: bool = False
    names: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if not self.names:
            object.__setattr__(self, "names", _numbers(self.classes))
        elif len(self.names) != self.classes:
            raise UsageError(f"{self.classes} classes have {len(self.names)} names")

    @property
    def numbered(self) -> bool:
        """Whether each class is called by its own number: 0, 1, 2, ..."""
        return self.names == _numbers(self.classes)

    def name(self, label: int) -> str:
        """The name of a class; for a label that the network does not know, its number."""
        return self.names[label] if 0 <= label < self.classes else str(label)


def _numbers(classes: int) -> tuple[str, ...]:
    return tuple(map(str, range(classes)))


@dataclass(frozen=True, eq=False)
class Piece:
    """Predictions of some images, in order.

    ``prob`` is float32 (n, classes). ``labels`` are integers (n,), -1 for an unknown label; None if
    none is known. ``files`` are the names of the files, ``boxes`` the boxes in them, None for a
    whole picture; ``lines`` are their lines on the page, ``angles`` are in degrees,
    ``marks`` are those before and after each digit, "" for none.

    >>> piece = Piece(np.array([[0.1, 0.7, 0.2]], np.float32))
    >>> piece.ranked(2)
    array([[1, 2]])
    """

    prob: Probabilities
    labels: Optional[Labels] = None
    files: Sequence[str] = ()
    boxes: Sequence[Optional[Box]] = ()
    lines: Sequence[Optional[int]] = ()
    angles: Sequence[Optional[float]] = ()
    marks: Sequence[Marks] = ()

    def ranked(self, top: int) -> Integers:
        """The ``top`` best classes of each image, the best first, (n, top)."""
        if top == 1:  # the usual case, in a tenth of the time
            best: Integers = self.prob.argmax(axis=1)[:, None]
        else:
            best = np.argsort(-self.prob, axis=1, kind="stable")[:, :top]
        return best

    def rows(self, begin: int, top: int) -> Iterator[_Row]:
        """One image at a time, numbered from ``begin``; probabilities have six digits."""
        count = len(self.prob)
        labels = [-1] * count if self.labels is None else self.labels.tolist()
        known = [None if label < 0 else label for label in labels]
        none: Sequence[None] = [None] * count
        places = self.boxes or none, self.lines or none, self.angles or none
        marks = self.marks or [("", "")] * count
        form = "%.6g " * self.prob.shape[1]
        lists = self.prob.tolist(), self.ranked(max(top, 1)).tolist()
        each = zip(known, self.files or [""] * count, *places, marks, *lists)
        for i, (label, file, box, line, angle, beside, row, best) in enumerate(each, begin):
            prob = (form % tuple(row)).split()
            yield _Row(i, label, file, box, line, angle, beside, prob, best)


class _Row(NamedTuple):
    number: int
    label: Optional[int]
    file: str
    box: Optional[Box]
    line: Optional[int]
    angle: Optional[float]
    marks: Marks
    prob: list[str]
    best: list[int]


class PredictionWriter(Protocol):
    """What an exporter returns: a context manager to which pieces are written.

    Example:
        >>> class Counting:
        ...     count = 0
        ...     def __enter__(self): return self
        ...     def write(self, piece): self.count += len(piece.prob)
        ...     def __exit__(self, *error): print(self.count, "predictions")
        >>> writer: PredictionWriter = Counting()
    """

    def __enter__(self) -> PredictionWriter: ...

    def write(self, piece: Piece) -> None: ...

    def __exit__(self, *error: object) -> object: ...


@contextmanager
def predictions_file(path: Path, layout: Layout) -> Iterator[PredictionWriter]:
    """Open a file of predictions to ``write()`` pieces to, in the format that its suffix names.

    If the block ends well, the file is complete; if it fails, the file is as it was before.

    Raises:
        UsageError: if the suffix names no format.
        OutputError: if the file cannot be written.

    >>> with predictions_file(Path("mine.csv"), Layout(classes=10)) as file:  # doctest: +SKIP
    ...     file.write(Piece(prob, labels))
    """
    form = check_format(path)
    with replacing(path) as temporary:
        with _Exporter(form, _make(form, temporary, layout)) as writer:
            yield writer
        if not temporary.exists():
            raise PluginError(f"{_owner(form)} wrote no file; it must write to its path")


def _owner(form: str) -> str:
    return f"format {form!r} ({EXPORTERS.entry(form)})"


def _make(form: str, path: Path, layout: Layout) -> PredictionWriter:
    try:
        writer: PredictionWriter = EXPORTERS.make(form, {}, path=path, layout=layout)
    except PluginError as error:
        cause = error.__cause__
        if cause and issubclass(type(cause), OSError):  # the disk's fault, not the plugin's
            raise cause from None
        raise
    return writer


class _Exporter:
    """An exporter whose errors name the plugin."""

    def __init__(self, form: str, exporter: PredictionWriter):
        self._form = form
        self._exporter = exporter

    def __enter__(self) -> _Exporter:
        with self._named():
            self._exporter = self._exporter.__enter__()
        return self

    def write(self, piece: Piece) -> None:
        with self._named():
            self._exporter.write(piece)

    def __exit__(self, *error: object) -> None:
        with self._named():
            self._exporter.__exit__(*error)

    @contextmanager
    def _named(self) -> Iterator[None]:
        with naming(f"{_owner(self._form)} failed", (MxdigitsError, OSError)):
            yield


def write_predictions(
    path: Path,
    prob: Probabilities,
    labels: Optional[Labels] = None,
    names: Sequence[str] = (),
) -> None:
    """Write all predictions at once, in the format that the file's suffix names.

    Args:
        path: a file that ends in .csv, .jsonl or .npz.
        prob: probabilities, float32 (N, classes).
        labels: the true classes, integers (N,), where they are known.
        names: the names of the classes; 0, 1, 2, ... if left out.

    Raises:
        UsageError: if the suffix names no format.
        OutputError: if the file cannot be written.

    >>> from tempfile import TemporaryDirectory
    >>> prob = np.array([[0.25, 0.75]], np.float32)
    >>> with TemporaryDirectory() as folder:
    ...     write_predictions(Path(folder, "mine.npz"), prob, np.array([1]), ["minus", "plus"])
    ...     read_predictions(Path(folder, "mine.npz"), np.array([1]), ["minus", "plus"])
    array([[0.25, 0.75]], dtype=float32)
    """
    with predictions_file(path, Layout(classes=prob.shape[1], names=tuple(names))) as file:
        file.write(Piece(prob, labels))


def read_predictions(path: Path, labels: Labels, names: Sequence[str]) -> Optional[Probabilities]:
    """Return the probabilities in an NPZ file, float32 (N, classes).

    None if there is no such file, if it is damaged, or if it has other labels or classes than
    these: then the caller must predict again. Files of mxdigits 0.1.0 do not name the classes.

    >>> read_predictions(Path("no/such/file.npz"), np.array([1]), ["minus", "plus"]) is None
    True
    """
    try:
        held = read_npz(path)
        prob, known = held["prob"], held["label"]
    except (DataError, KeyError):
        return None
    shape = len(labels), len(names)
    fits = prob.shape == shape and prob.dtype == np.float32 and np.isfinite(prob).all()
    fits = fits and held.get("classes", np.array(names)).tolist() == list(names)
    return prob if fits and np.array_equal(known, labels) else None


def check_format(path: Path) -> str:
    """Return the format that a file's suffix names.

    Raises:
        UsageError: if it names none.

    >>> check_format(Path("mine.csv"))
    'csv'
    >>> check_format(Path("mine"))
    Traceback (most recent call last):
        ...
    mxdigits.errors.UsageError: mine: end the name in .csv, .jsonl or .npz
    """
    form = path.suffix[1:]
    if not form:
        raise UsageError(f"{path}: end the name in .csv, .jsonl or .npz")
    if form not in EXPORTERS:
        raise UsageError(f"{path}: {EXPORTERS.unknown(form)}")
    return form
