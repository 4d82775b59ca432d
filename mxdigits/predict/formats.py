"""The formats of predictions that come with mxdigits: CSV, JSON lines, NPZ.

They are listed in :mod:`mxdigits.plugins.own`; those of plugins are entry points of
``mxdigits.exporters``. An exporter is called with ``path`` and ``layout`` by keyword and returns a
context manager, whose ``write(piece)`` is called for each piece. The exporters here keep no piece
in memory, so a file may have any length.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Optional, Union

import numpy as np

from ..arrays import AnyArray
from .predictions import Layout, Piece

_BUFFER = 1 << 20  # bytes that are read or written at once

_SIDES = ("left", "top", "right", "bottom")
_MARKS = ("before", "after")
_PLACES = (*_SIDES, "line", "angle", *_MARKS)

# Characters that begin a formula in a spreadsheet; and plain numbers, which are no formulas.
_FORMULA = re.compile(r"(?:^|(?<=[;\t\r\n]))(?=[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20])")
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?", re.ASCII)


class Csv:
    """One line per image: index, label, prediction, confidence, prob_0, prob_1, ...

    If the classes are not called 0, 1, 2, ..., label and prediction are names, label_index and
    prediction_index their numbers, and the probabilities are in prob_NAME. After the index come
    ``filename`` if there are files, and left, top, right, bottom, line (from 1), angle (how far the
    sheet is turned clockwise, in degrees), before and after (the marks there) if there are boxes.
    With ``top``, class_1, prob_1, class_2, ... (the best first) replace the probabilities. What is
    not known is empty. A name that a spreadsheet would run as a formula gets an apostrophe in
    front.

    >>> from tempfile import TemporaryDirectory
    >>> piece = Piece(np.array([[0.25, 0.75]], np.float32), np.array([1]))
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "predictions.csv")
    ...     with Csv(path, Layout(classes=2)) as file:
    ...         file.write(piece)
    ...     print(path.read_text(), end="")
    index,label,prediction,confidence,prob_0,prob_1
    0,1,1,0.75,0.25,0.75
    """

    def __init__(self, path: Path, layout: Layout):
        self._layout = layout
        self._names = [] if layout.numbered else [harmless(name) for name in layout.names]
        self._count = 0
        self._file = open(path, "w", newline="", encoding="utf-8")  # noqa: SIM115
        self._writer = csv.writer(_Lines(self._file), lineterminator=_Lines.END)

    def __enter__(self) -> Csv:
        layout = self._layout
        places = ["filename"] * layout.files + list(_PLACES) * layout.boxes
        if layout.top is None:
            columns = [f"prob_{name}" for name in self._names or layout.names]
        else:
            columns = [f"{what}_{i + 1}" for i in range(layout.top) for what in ("class", "prob")]
        numbers = ["label_index", "prediction_index"] if self._names else []
        known = ["label", "prediction", "confidence", *numbers]
        self._writer.writerow(["index", *places, *known, *columns])
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, piece: Piece) -> None:
        layout = self._layout
        for row in piece.rows(self._count, layout.top or 1):
            places: list[object] = [harmless(row.file)] if layout.files else []
            if layout.boxes:
                places += row.box or [""] * len(_SIDES)
                places += [_line_of(row.line), row.angle, *row.marks]
            chosen = row.best[0]
            known = [self._name(row.label), self._name(chosen), row.prob[chosen]]
            if self._names:
                known += ["" if row.label is None else row.label, chosen]
            if layout.top is None:
                shown: Sequence[object] = row.prob
            else:
                shown = [each for i in row.best for each in (self._name(i), row.prob[i])]
            self._writer.writerow([row.number, *places, *known, *shown])
        self._count += len(piece.prob)

    def _name(self, label: Optional[int]) -> Union[str, int]:
        if label is None:
            return ""
        return self._names[label] if label < len(self._names) else label


def _line_of(line: Optional[int]) -> Optional[int]:
    """A line of a page as files count it: from 1, as the table of ``--rows`` does."""
    return None if line is None else line + 1


class _Lines:
    """End lines with a line feed alone; csv quotes cells that hold either character of ``END``."""

    END = "\r\n"

    def __init__(self, file: IO[str]):
        self._file = file

    def write(self, row: str) -> None:
        self._file.write(row[: -len(self.END)] + "\n")


def harmless(text: str) -> str:
    """Change a text so that a spreadsheet shows it and never runs it as a formula.

    >>> harmless("=cmd()"), harmless("-1"), harmless("plus")
    ("'=cmd()", '-1', 'plus')
    """
    return text if text == "-" or _NUMBER.fullmatch(text) else _FORMULA.sub("'", text)


class JsonLines:
    """One JSON object per line, with the keys of :class:`Csv`; what is not known is null.

    ``box`` and ``prob`` are lists. With ``top``, a list ``top`` of [class, probability] replaces
    ``prob``. If the classes are not called 0, 1, 2, ..., ``prob`` is an object of probabilities by
    name.

    >>> from tempfile import TemporaryDirectory
    >>> piece = Piece(np.array([[0.25, 0.75]], np.float32))
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "predictions.jsonl")
    ...     with JsonLines(path, Layout(classes=2, top=1)) as file:
    ...         file.write(piece)
    ...     print(path.read_text(), end="")
    {"index": 0, "label": null, "prediction": 1, "confidence": 0.75, "top": [[1, 0.75]]}
    """

    def __init__(self, path: Path, layout: Layout):
        self._layout = layout
        self._numbered = layout.numbered
        self._count = 0
        self._file = open(path, "w", encoding="utf-8")  # noqa: SIM115

    def __enter__(self) -> JsonLines:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, piece: Piece) -> None:
        for row in piece.rows(self._count, self._layout.top or 1):
            prob = [float(p) for p in row.prob]
            line: dict[str, object] = {"index": row.number}
            if self._layout.files:
                line["filename"] = row.file
            if self._layout.boxes:
                line |= {"box": row.box, "line": _line_of(row.line), "angle": row.angle}
                line |= zip(_MARKS, row.marks)
            chosen = row.best[0]
            line |= {"label": self._name(row.label), "prediction": self._name(chosen)}
            line["confidence"] = prob[chosen]
            if not self._numbered:
                line |= {"label_index": row.label, "prediction_index": chosen}
            if self._layout.top is not None:
                line["top"] = [[self._name(i), prob[i]] for i in row.best]
            elif self._numbered:
                line["prob"] = prob
            else:
                line["prob"] = dict(zip(self._layout.names, prob))
            self._file.write(json.dumps(line) + "\n")
        self._count += len(piece.prob)

    def _name(self, label: Optional[int]) -> Union[str, int, None]:
        return label if label is None or self._numbered else self._layout.name(label)


class Npz:
    """Arrays, bit by bit: prob (N, classes) float32, prediction and, if known, label int64 (N,).

    ``classes`` holds the name of each class: ``classes[prediction]`` are the names of all
    predictions. Files add ``filename`` (N,), boxes add ``box`` (N, 4) and
    ``line`` (N,), -1 for a whole picture, ``angle`` (N,) in degrees, NaN for a whole picture, and
    ``before`` and ``after`` (N,), the marks there.
    With ``top``, the arrays ``top`` and ``top_prob`` (N, top) replace ``prob``. An unknown label is
    -1; if all are unknown, there is no ``label``.

    >>> from tempfile import TemporaryDirectory
    >>> piece = Piece(np.array([[0.25, 0.75]], np.float32))
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "predictions.npz")
    ...     with Npz(path, Layout(classes=2)) as file:
    ...         file.write(piece)
    ...     sorted(np.load(path))
    ['classes', 'prediction', 'prob']
    """

    def __init__(self, path: Path, layout: Layout):
        self._path = path
        self._layout = layout
        # An array's header holds its length, so the arrays wait in files until that is known.
        self._columns: dict[str, _Column] = {}
        self._labelled = False

    def __enter__(self) -> Npz:
        classes, top = self._layout.classes, self._layout.top
        empty = np.zeros((0, classes), np.float32)
        self._add("classes", np.array(self._layout.names, np.str_))
        self._add("prediction", np.zeros(0, np.int64))
        if top is None:
            self._add("prob", empty)
        else:
            self._add("top", np.zeros((0, min(top, classes)), np.int64))
            self._add("top_prob", empty[:, :top])
        return self

    def write(self, piece: Piece) -> None:
        layout, best = self._layout, piece.ranked(self._layout.top or 1)
        self._add("prediction", best[:, 0].astype(np.int64))
        if layout.top is None:
            self._add("prob", piece.prob.astype(np.float32))
        else:
            self._add("top", best.astype(np.int64))
            self._add("top_prob", np.take_along_axis(piece.prob, best, axis=1).astype(np.float32))
        known = np.full(len(best), -1) if piece.labels is None else piece.labels
        self._add("label", known.astype(np.int64))
        self._labelled |= piece.labels is not None
        if layout.files:
            self._add("filename", np.array(piece.files, np.str_))
        if layout.boxes:
            unknown = (-1,) * len(_SIDES)
            self._add("box", np.array([box or unknown for box in piece.boxes], np.int64))
            none: Sequence[None] = [None] * len(best)
            lines = [-1 if line is None else line + 1 for line in piece.lines or none]
            angles = [np.nan if angle is None else angle for angle in piece.angles or none]
            self._add("line", np.array(lines, np.int64))
            self._add("angle", np.array(angles, np.float64))
            marks = np.array(piece.marks or [("", "")] * len(best), "U1")
            for name, column in zip(_MARKS, marks.T):
                self._add(name, column)

    def _add(self, name: str, values: AnyArray) -> None:
        if name not in self._columns:
            self._columns[name] = _Column(self._path.parent, values)
        self._columns[name].append(values)

    def __exit__(self, failed: object, *_: object) -> None:
        try:
            if not failed:
                with zipfile.ZipFile(self._path, "w") as archive:
                    for name, column in self._columns.items():
                        if name == "label" and not self._labelled:
                            continue
                        member = zipfile.ZipInfo(f"{name}.npy")  # no time: the same bytes
                        with archive.open(member, "w", force_zip64=True) as file:
                            column.copy_to(file)
        finally:
            for column in self._columns.values():
                column.file.close()


class _Column:
    """An array that grows in a file; all rows have one shape, but text may have any length."""

    def __init__(self, folder: Path, first: AnyArray):
        self.file = tempfile.TemporaryFile(buffering=_BUFFER, dir=folder)  # noqa: SIM115
        self._shape, self._type, self._count = first.shape[1:], first.dtype, 0
        self._parts: list[tuple[int, np.dtype[np.generic]]] = []  # text: its rows and type

    def append(self, values: AnyArray) -> None:
        self._count += len(values)
        if self._type.kind == "U":
            self._parts.append((len(values), values.dtype))
            self._type = max(self._type, values.dtype, key=lambda each: each.itemsize)
        self.file.write(np.ascontiguousarray(values).data)

    def copy_to(self, file: IO[bytes]) -> None:
        shape = (self._count, *self._shape)
        described = np.lib.format.dtype_to_descr(self._type)  # type: ignore[no-untyped-call]
        header = {"descr": described, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)  # type: ignore[no-untyped-call]
        self.file.seek(0)
        for count, kind in self._parts:
            part = np.frombuffer(self.file.read(count * kind.itemsize), kind)
            file.write(part.astype(self._type).tobytes())
        shutil.copyfileobj(self.file, file, _BUFFER)
