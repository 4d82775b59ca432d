"""Whether a file answers like the network that it was made from: one comparison for all formats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

import numpy as np

from ..arrays import Numbers
from ..backends.base import PREDICT_BATCH
from ..backends.batches import batches
from ..errors import RunFailed
from ..report.significance import McNemar, mcnemar
from ..runs.description import PROBABILITIES
from .formats import Predict
from .source import Source

# For float32: libraries add in different orders, and compute exponentials differently.
TOLERANCE = 1e-4


class ExportDiffers(RunFailed):
    """A written file gives other answers than the network that it was made from.

    Example:
        >>> ExportDiffers("its outputs differ by up to 1.0e-02").exit_code
        1
    """


@dataclass(frozen=True)
class Parity:
    """The result of a comparison.

    ``difference`` is the largest difference of outputs; if those are no probabilities, it is
    relative to the largest output. ``equal`` counts equal answers among ``images``.
    ``accuracies`` are those of the network and of the file, and ``test`` is McNemar's test of both;
    they are None if the labels are not known.

    Example:
        >>> print(*Parity("20 random inputs", "mxnet", 20, 1.2e-7, 20).sentences())
        largest difference 1.2e-07, 20 of 20 answers equal to those of mxnet on 20 random inputs
    """

    data: str
    backend: str
    images: int
    difference: float
    equal: int
    accuracies: Optional[tuple[float, float]] = None
    test: Optional[McNemar] = None

    @property
    def drop(self) -> float:
        """How much accuracy the file loses."""
        before, after = self.accuracies or (0.0, 0.0)
        return before - after

    def sentences(self) -> list[str]:
        """The comparison, in words for people."""
        lines = [
            f"largest difference {self.difference:.1e}, {self.equal} of {self.images} answers "
            f"equal to those of {self.backend} on {self.data}"
        ]
        if self.accuracies is not None and self.test is not None:
            before, after = self.accuracies
            lines.append(f"accuracy {before:.4f} before and {after:.4f} after; {self.test.named()}")
        return lines

    def texts(self) -> dict[str, object]:
        """The comparison, for a file's metadata."""
        facts: dict[str, object] = {
            "data": self.data,
            "backend": self.backend,
            "images": self.images,
            "largest_difference": float(f"{self.difference:.3g}"),
            "equal_answers": self.equal,
        }
        if self.accuracies is not None and self.test is not None:
            facts["accuracy_before"], facts["accuracy_after"] = self.accuracies
            facts["mcnemar_p"] = float(f"{self.test.p:.3g}")
        return facts


def compare(source: Source, predict: Predict) -> Parity:
    """Let a file answer the images of a source, and compare its answers with the network's.

    Args:
        source: has the network's own answers.
        predict: gives the file's answers.

    Raises:
        ExportDiffers: if the file's outputs have another shape.

    Example:
        >>> parity = compare(source, Onnx().load(Path("lenet.onnx")))  # doctest: +SKIP
    """
    ours = source.answers
    pieces = [
        np.asarray(predict(source.images[begin:end]))
        for begin, end in batches(len(source.images), PREDICT_BATCH)
    ]
    theirs = np.concatenate(pieces)
    if theirs.shape != ours.shape:
        raise ExportDiffers(f"gives an output of shape {theirs.shape} instead of {ours.shape}")
    said, before = theirs.reshape(len(ours), -1).argmax(1), ours.reshape(len(ours), -1).argmax(1)
    accuracies, test = None, None
    if source.labels is not None:
        right = before == source.labels, said == source.labels
        accuracies, test = (float(right[0].mean()), float(right[1].mean())), mcnemar(*right)
    return Parity(
        source.data,
        source.backend,
        len(ours),
        _difference(ours, theirs, source.network.description.output == PROBABILITIES),
        int((said == before).sum()),
        accuracies,
        test,
    )


def _difference(ours: Numbers, theirs: Numbers, shares: bool) -> float:
    differences = np.abs(ours.astype(np.float64) - theirs)
    if not np.isfinite(differences).all():
        return float("inf")
    scale = 1.0 if shares else float(np.abs(ours).max()) or 1.0
    return float(differences.max()) / scale


def check(parity: Parity, *, exact: bool, tolerance: float, max_drop: float) -> None:
    """Refuse a file whose answers are too far from its network's.

    Raises:
        ExportDiffers: with the difference, and what is allowed.

    Example:
        >>> parity = Parity("20 random inputs", "mxnet", 20, difference=0.5, equal=3)
        >>> check(parity, exact=True, tolerance=1e-4, max_drop=0.01)
        Traceback (most recent call last):
            ...
        mxdigits.export.parity.ExportDiffers: its outputs differ by up to 5.0e-01 from those of ...
    """
    if exact and not parity.difference <= tolerance:
        raise ExportDiffers(
            f"its outputs differ by up to {parity.difference:.1e} from those of {parity.backend} "
            f"on {parity.data}; {tolerance:g} is allowed, --tolerance allows more"
        )
    if not exact and parity.accuracies is not None and not parity.drop <= max_drop:
        raise ExportDiffers(
            f"its accuracy is {parity.accuracies[1]:.4f} instead of {parity.accuracies[0]:.4f} "
            f"on {parity.data}; a loss of {max_drop:g} is allowed, --max-drop allows more"
        )
