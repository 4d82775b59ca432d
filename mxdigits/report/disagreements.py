"""The images on which several runs disagree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .pictures import data_uri
from .results import Results

MOST_PICTURES = 48


@dataclass(frozen=True)
class Disagreement:
    """An image on which runs disagree; ``answers`` are (run, class, confidence, right).

    >>> answers = [("mlp", "7", 0.91, True), ("lenet", "1", 0.55, False)]
    >>> Disagreement(12, "data:image/png;base64,...", "7", answers).true
    '7'
    """

    index: int
    picture: str
    true: str
    answers: list[tuple[str, str, float, bool]]


def disagreements(runs: Mapping[str, Results]) -> tuple[list[Disagreement], int]:
    """Return the images on which the runs disagree most, and on how many images they disagree.

    They are sorted by the largest difference of two runs in the probability of the true class.

    >>> pictures, count = disagreements({"mlp": one, "lenet": other})  # doctest: +SKIP
    """
    results = list(runs.values())
    labels = results[0].test.labels
    differ = np.ptp([run.said for run in results], axis=0) > 0
    true_prob = np.array([run.prob[np.arange(len(labels)), labels] for run in results])
    spread = np.where(differ, np.ptp(true_prob, axis=0), -1)
    shown = np.argsort(-spread, kind="stable")[: min(MOST_PICTURES, int(differ.sum()))]
    pictures = [
        Disagreement(
            index=int(i),
            picture=data_uri(results[0].test.images[i]),
            true=results[0].classes[labels[i]],
            answers=[
                (name, run.classes[run.said[i]], float(run.confidence[i]), bool(run.right[i]))
                for name, run in runs.items()
            ],
        )
        for i in shown
    ]
    return pictures, int(differ.sum())
