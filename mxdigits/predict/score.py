"""Score a run's network on a part of a data set."""

from __future__ import annotations

from pathlib import Path

from ..train.metrics import TOP_K, Scores
from ..wording import Say
from .opening import (
    Amount,
    EvaluationRequest,
    open_evaluator,
    own_data,
    run_data,
    trained_network,
)


def score_run(path: Path, request: EvaluationRequest, say: Say) -> tuple[Scores, tuple[str, ...]]:
    """Score a run's network on the requested images.

    Returns:
        The scores, and the names of the classes.

    Raises:
        MxdigitsError: if the folder, the data or the device cannot be used.

    >>> run = Path("runs/mlp/20261123T153755Z-62fd27")
    >>> scores, classes = score_run(run, EvaluationRequest(), print)  # doctest: +SKIP
    >>> scores.interval()  # doctest: +SKIP
    """
    trained = trained_network(path)
    dataset = own_data(path, request, trained, say)
    split = dataset.part(request.split)
    run_data(trained, say).check_known(dataset.name, split)
    evaluator = open_evaluator(path, request, say, many=Amount(len(split)))
    scores = evaluator.score(split, top_k=TOP_K)
    return scores, trained.network.classes
