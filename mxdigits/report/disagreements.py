"""The images on which several runs disagree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .page import percent
from .pictures import data_uri
from .results import Results
from .verdict import listed

MOST_PICTURES = 48
_MOST_RUNS = 4  # of more runs, the answers are told together


@dataclass(frozen=True)
class Disagreement:
    """An image on which runs disagree; ``answers`` are (run, class, confidence, right).

    Of more than four runs, those of one answer stand together.

    >>> answers = [("mlp", "7", "91.0 %", True), ("lenet", "1", "55.0 %", False)]
    >>> Disagreement(12, "data:image/png;base64,...", "7", answers).true
    '7'
    """

    index: int
    picture: str
    true: str
    answers: list[tuple[str, str, str, bool]]


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
            answers=_answers(runs, int(i)),
        )
        for i in shown
    ]
    return pictures, int(differ.sum())


def _answers(runs: Mapping[str, Results], image: int) -> list[tuple[str, str, str, bool]]:
    """What the runs say of an image; of many runs, each answer once, the most frequent first."""
    said: dict[int, dict[str, Results]] = {}
    for name, run in runs.items():
        place = len(said) if len(runs) <= _MOST_RUNS else int(run.said[image])
        said.setdefault(place, {})[name] = run
    answers = []
    for each in sorted(said.values(), key=lambda each: -len(each)):
        run = next(iter(each.values()))
        sure = sorted(float(other.confidence[image]) for other in each.values())
        confidence = percent(sure[-1])
        if (lowest := percent(sure[0])) != confidence:
            confidence = f"{lowest} to {confidence}"
        right = bool(run.right[image])
        answers.append((listed([*each]), run.classes[run.said[image]], confidence, right))
    return answers
