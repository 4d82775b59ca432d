"""The images that a network misreads, with the evidence for the wrong answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Integers
from ..predict.heat import heat
from ..predict.occlusion import occlusion
from .pictures import data_uri
from .results import Results

MOST_MISTAKES = 48
_STEP = 2  # pixels between covered parts: explaining all mistakes takes about a second


@dataclass(frozen=True)
class Mistake:
    """A test image that was misread: its picture as a ``data:`` address, and both answers.

    ``evidence`` is the picture with the evidence for and against the wrong answer; empty if the
    network was not asked.

    >>> mistake = Mistake(8, "data:image/png;base64,...", "5", "6", 0.9, 0.1)
    >>> mistake.true, mistake.said, mistake.confidence
    ('5', '6', 0.9)
    """

    index: int
    picture: str
    true: str
    said: str
    confidence: float
    true_confidence: float
    evidence: str = ""


def mistakes(results: Results) -> list[Mistake]:
    """Return the mistakes of the highest confidence first; at most :data:`MOST_MISTAKES`.

    >>> [(each.true, each.said) for each in mistakes(results)]  # doctest: +SKIP
    """
    return [
        Mistake(
            index=int(i),
            picture=data_uri(results.test.images[i]),
            true=results.classes[results.test.labels[i]],
            said=results.classes[results.said[i]],
            confidence=float(results.confidence[i]),
            true_confidence=float(results.prob[i, results.test.labels[i]]),
            evidence=_evidence(results, int(i)),
        )
        for i in worst_mistakes(results)
    ]


def worst_mistakes(results: Results) -> Integers:
    """Return the numbers of misread test images, those of the highest confidence first.

    >>> worst_mistakes(results)[:3]  # doctest: +SKIP
    array([2654,  449, 9729])
    """
    wrong = np.flatnonzero(~results.right)
    return wrong[np.argsort(-results.confidence[wrong], kind="stable")][:MOST_MISTAKES]


def _evidence(results: Results, index: int) -> str:
    """The evidence for the answer, drawn over the image; empty if no network is opened."""
    if results.logits is None:
        return ""
    image = results.test.images[index]
    found = occlusion(results.logits, image, int(results.said[index]), step=_STEP)
    return data_uri(heat(image, found.evidence).transpose(2, 0, 1))
