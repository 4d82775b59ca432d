"""Makes one run of several; its network gives the mean of their networks' probabilities."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Optional

from ...backends.context import BackendSpec, ContextSpec
from ...errors import OutputError, UsageError
from ...graph.ensemble import mean_of
from ...graph.network_files import read_network_files
from ...predict.opening import EvaluationRequest, open_evaluator, own_data
from ...predict.predictions import write_predictions
from ...recipe.schema import Recipe
from ...report.report import write_report
from ...report.results import Results
from ...runs.folder import RunFolder
from ...runs.members import Member
from ...runs.names import check_different
from ...runs.record import Record
from ...runs.trained import TrainedNetwork
from ...signals import stoppable
from ...storage.files import sha256_of, write_text
from ...storage.lock import hold
from ...train.history import History
from ...train.metrics import TOP_K, score, softmax
from ...values import Unchecked
from ...wording import Say, say_nothing, some_of
from ..records.record import Stopwatch, now, scores_record
from ..run import Run

NAME = "ensemble"

_SAYS = (
    "# This run is an ensemble, which is not trained: run.json names its runs. This is the recipe\n"
    "# of the first one, on whose test images the ensemble was scored.\n"
)


@dataclass(frozen=True)
class Evaluation:
    """The device and the backend on which an ensemble is scored.

    >>> Evaluation(context=["gpu", "cpu"]).backend
    'auto'
    """

    context: ContextSpec = "cpu"
    backend: BackendSpec = "auto"


def ensemble(
    runs: Sequence[Path],
    *,
    output: Optional[Path] = None,
    where: Optional[Evaluation] = None,
    say: Say = say_nothing,
    report: bool = True,
) -> Run:
    """Make one run of several; its network gives the mean of their probabilities.

    It is scored on the test set of the first run, and keeps the recipe of that run, which names
    these data, under the name ``ensemble``.

    Args:
        runs: at least two run folders with the same classes and images.
        output: the new run folder; by default one in ``runs/ensemble``.
        where: the device and the backend that score it.
        say: told what was skipped, and which runs were not tested on these images.
        report: whether to end with a report.

    Raises:
        UsageError: if the runs do not fit together, or one is given twice.
        Interrupted: after a signal; as after any error, nothing is left of the new run folder.
        MxdigitsError: if a run cannot be used, or the folder cannot be written.

    >>> done = ensemble([Path("runs/a"), Path("runs/b")], output=Path("both"))  # doctest: +SKIP
    >>> done.scores.accuracy  # doctest: +SKIP
    """
    check_different(runs)
    members = [RunFolder.open(path) for path in runs]
    trained = [member.read_trained() for member in members]
    _check_alike(members, trained)
    recipe = Recipe.load(members[0].recipe_file).model_copy(update={"name": NAME})
    networks = [
        read_network_files(member.symbol_file, member.parameters_file, known.network.sha256)
        for member, known in zip(members, trained)
    ]
    graph, arrays = mean_of(networks)
    record = members[0].read_whole_record()
    for of_training in ("training", "teacher", "learning", "fastest", "seed"):
        record.pop(of_training, None)
    record["plugins"].pop("model", None)
    named = [_member(each, known, trained[0]) for each, known in zip(members, trained)]
    for each in named:
        if not each.same_data:
            say(
                f"{each.run} was tested on other images than {members[0]}; if it has learnt from "
                "the test images of that run, the accuracy of the ensemble is too good"
            )
    record.update(
        state="running",
        recipe=NAME,
        started=now(),
        resumed=[],
        init=None,
        members=[asdict(each) for each in named],
    )
    record["network"] = {
        **{key: value for key, value in record["network"].items() if key != "files"},
        "parameters": int(sum(arrays[name].size for name in graph.parameters)),
        "graph": graph.fingerprint(),
    }
    folder = _folder(output)
    say(f"run folder: {folder}")
    with hold(folder.path, say):
        with stoppable() as stopper, _whole_or_not_at_all(folder):
            stopper.meanwhile = f"before the ensemble {folder} was written"
            write_text(folder.recipe_file, _SAYS + recipe.dump())
            folder.save_network(graph, arrays)
            record["network"]["sha256"] = folder.network_hashes()
            folder.write_record(record)
            done, results = _scored(folder, record, recipe, where or Evaluation(), say)
        return replace(done, report=write_report(results, say)) if report else done


def _check_alike(members: Sequence[RunFolder], trained: Sequence[TrainedNetwork]) -> None:
    if len(members) < 2:
        raise UsageError("an ensemble needs at least two runs; name more")
    first = trained[0].network
    for member, known in zip(members[1:], trained[1:]):
        other = known.network
        for what, ours, theirs in (
            ("images", first.image_shape, other.image_shape),
            ("classes", first.classes, other.classes),
            ("preprocessing", first.preprocessing, other.preprocessing),
        ):
            if ours != theirs:
                raise UsageError(
                    f"{member} and {members[0]} cannot be one network: their {what} differ "
                    f"({_shown(theirs)}, and {_shown(ours)})"
                )


def _shown(value: object) -> str:
    return some_of([str(each) for each in value], 10) if isinstance(value, tuple) else str(value)


def _member(folder: RunFolder, known: TrainedNetwork, first: TrainedNetwork) -> Member:
    status = folder.read_status()
    test = status.scores.get("test")
    return Member(
        run=str(folder.path.resolve()),
        sha256=sha256_of(folder.parameters_file),
        recipe=status.recipe,
        accuracy=None if test is None else test.accuracy,
        same_data=known.data == first.data,
    )


def _folder(output: Optional[Path]) -> RunFolder:
    """Make the new run folder, and return it."""
    if output is None:
        return RunFolder.create(Path("runs"), NAME)
    try:
        output.mkdir(parents=True)
    except FileExistsError:
        raise UsageError(f"{output} is there already; nothing was written") from None
    except OSError as error:
        raise OutputError(f"cannot make the run folder {output}: {error.strerror}") from None
    return RunFolder(output)


@contextmanager
def _whole_or_not_at_all(folder: RunFolder) -> Iterator[None]:
    """Remove the folder that was made for this ensemble if the block fails."""
    try:
        yield
    except BaseException:
        shutil.rmtree(folder.path, ignore_errors=True)
        raise


def _scored(
    folder: RunFolder, record: Record, recipe: Recipe, where: Evaluation, say: Say
) -> tuple[Run, Results]:
    """Score and predict, and record that the run is finished."""
    request = EvaluationRequest(context=where.context, backend=where.backend)
    known = folder.read_trained()
    stopwatch = Stopwatch()
    with stopwatch.time("data"):
        test = own_data(folder.path, request, known, say).test
    with stopwatch.time("score_and_predict"):
        evaluator = open_evaluator(folder.path, request, say)
        logits = evaluator.logits(test.images)
        smoothing, classes = known.network.label_smoothing, known.network.classes
        prob = softmax(logits)
        files = [folder.predictions_file(form) for form in recipe.predictions]
        for file in files:
            write_predictions(file, prob, test.labels, classes)
        scores = score(logits, test.labels, label_smoothing=smoothing, top_k=TOP_K)
    record.update(
        state="finished",
        scores={"test": scores_record(scores, classes)},
        seconds=stopwatch.seconds,
        ended=now(),
        backend=evaluator.backend.name,
    )
    device: Unchecked = evaluator.backend.record()["device"]
    record["device"] = {**record["device"], **device}
    folder.write_record(record)
    results = Results(
        folder=folder,
        record=record,
        recipe=recipe.dump(),
        history=History(),
        test=test,
        prob=prob,
        classes=classes,
        label_smoothing=smoothing,
        logits=evaluator.logits,
    )
    return Run(folder, scores, files), results
