"""The command ``mxdigits score``: how well a network knows a data set."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

from ..data_options import DataOption, OptionsArgument, Part, SplitOption, data_options
from ..options import (
    BackendOption,
    ContextOption,
    MinAccuracyOption,
    NetworkArgument,
    TtaOption,
    demand,
    one_or_several,
    say,
)


def score(
    run: NetworkArgument = None,
    options: OptionsArgument = None,
    data: DataOption = None,
    split: SplitOption = Part.test,
    context: ContextOption = None,
    backend: BackendOption = None,
    tta: TtaOption = 1,
    min_accuracy: MinAccuracyOption = None,
) -> None:
    """Score a run's network: accuracy with its interval, by class, and the confusions.

    Without RUN, the network that comes with mxdigits is used.

    Example: mxdigits score mlp --data idx path=emnist transpose=true
    """
    from ...predict.opening import EvaluationRequest
    from ...predict.score import score_run
    from ..networks import network_and_options
    from ..terminal import print_scores

    network, written = network_and_options(run, options)
    where = context or ["cpu"], data_options(written), one_or_several(backend)
    request = EvaluationRequest(data, split.value, *where, tta)
    scores, classes = score_run(network, request, say=say)
    try:
        print_scores(scores, classes)
    finally:  # even if printing fails
        demand(min_accuracy, scores.accuracy)
