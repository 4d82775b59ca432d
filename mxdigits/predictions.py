"""Predicted probabilities to files: CSV, JSON lines, NPZ."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, Callable, Optional

import numpy as np
from numpy.typing import NDArray

from .errors import UsageError
from .files import replacing
from .suggest import nearest


def write_predictions(
    path: Path, prob: NDArray[Any], labels: Optional[NDArray[Any]] = None
) -> None:
    """Write predictions in the format that the file's suffix names.

    Args:
        path: a file that ends in .csv, .jsonl or .npz.
        prob: probabilities, float32 (N, classes).
        labels: the true classes, integers (N,), where they are known.

    CSV columns are index, label, prediction, confidence, prob_0, prob_1, ...; probabilities have
    six significant digits, a label that is not known is empty. A JSON line holds the same keys,
    with ``prob`` as a list. NPZ holds ``prob``, ``prediction`` and ``label``, bit by bit.

    Raises:
        UsageError: if the suffix names no format.
        OutputError: if the file cannot be written.
    """
    write = _WRITERS[check_format(path)]
    with replacing(path) as temporary:
        write(temporary, prob, prob.argmax(axis=1), labels)


def read_predictions(
    path: Path, labels: NDArray[Any], shape: tuple[int, int]
) -> Optional[NDArray[Any]]:
    """The probabilities that an NPZ file holds, float32 of ``shape`` (N, classes).

    None if there is no such file, it is damaged, or it holds those of other samples than the ones
    with these labels: whoever asks must predict anew.
    """
    try:
        with open(path, "rb") as file, np.load(file) as held:  # refuses pickled objects
            prob, known = held["prob"], held["label"]
    except Exception:  # whatever is wrong with it, there is another way
        return None
    fits = prob.shape == shape and prob.dtype == np.float32 and np.isfinite(prob).all()
    return prob if fits and np.array_equal(known, labels) else None


def check_format(path: Path) -> str:
    """The format that a file's suffix names.

    Raises:
        UsageError: if it names none.
    """
    form = path.suffix[1:]
    if form not in _WRITERS:
        raise UsageError(
            f"{path}: no format is called {form!r}; {nearest(form, _WRITERS)}"
            if form
            else f"{path}: end the name in .csv, .jsonl or .npz"
        )
    return form


def _csv(
    path: Path, prob: NDArray[Any], prediction: NDArray[Any], labels: Optional[NDArray[Any]]
) -> None:
    columns = [f"prob_{i}" for i in range(prob.shape[1])]
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["index", "label", "prediction", "confidence", *columns])
        known = [""] * len(prob) if labels is None else labels.tolist()
        for i, (label, chosen, row) in enumerate(zip(known, prediction.tolist(), prob.tolist())):
            shown = [f"{p:.6g}" for p in row]
            writer.writerow([i, label, chosen, shown[chosen], *shown])


def _jsonl(
    path: Path, prob: NDArray[Any], prediction: NDArray[Any], labels: Optional[NDArray[Any]]
) -> None:
    with open(path, "w", encoding="utf-8") as file:
        known = [None] * len(prob) if labels is None else labels.tolist()
        for i, (label, chosen, row) in enumerate(zip(known, prediction.tolist(), prob.tolist())):
            shown = [float(f"{p:.6g}") for p in row]
            line = {
                "index": i,
                "label": label,
                "prediction": chosen,
                "confidence": shown[chosen],
                "prob": shown,
            }
            file.write(json.dumps(line) + "\n")


def _npz(
    path: Path, prob: NDArray[Any], prediction: NDArray[Any], labels: Optional[NDArray[Any]]
) -> None:
    arrays: dict[str, Any] = {
        "prob": prob.astype(np.float32),
        "prediction": prediction.astype(np.int64),
    }
    if labels is not None:
        arrays["label"] = labels.astype(np.int64)
    np.savez(path, **arrays)


_WRITERS: dict[str, Callable[[Path, NDArray[Any], NDArray[Any], Optional[NDArray[Any]]], None]] = {
    "csv": _csv,
    "jsonl": _jsonl,
    "npz": _npz,
}

FORMATS = tuple(_WRITERS)
