"""A network that learns from corrections, and whether that helped.

Corrections are few, and mostly digits that the network read wrong. So they are mixed with its
training data, and their effect is measured with care:

- Each correction is left out once, together with others, while a network learns from the rest and
  is then tested on it. The network that is kept learns from all corrections.
- The comparison is with a network that was trained equally long without corrections. Nearly any
  network would look better than the first one, since that read exactly these digits wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Optional, Union

import numpy as np

from ..arrays import Bools
from ..data.dataset import Dataset, Split, together
from ..data.folds import folds
from ..data.mix import load_part, repeated
from ..data.parts import parts_of
from ..errors import UsageError
from ..predict.opening import EvaluationRequest, open_evaluator, own_data
from ..recipe.schema import Recipe
from ..report.outcome import LeftOut, Outcome
from ..report.results import read_results
from ..report.significance import mcnemar
from ..runs.folder import RunFolder
from ..signals import Stopper, stoppable
from ..storage.lock import hold
from ..train.callbacks import Callback
from ..train.evaluator import Evaluator
from ..train.trainer import Trainer
from ..wording import Say, say_nothing, shell_word
from . import run as experiment
from .corrections import SHARE, Start, as_part, check_are_others, learnt_from, recipe_with
from .preparation.prepare import PreparedRun, prepare
from .preparation.recipe_devices import naming_another_backend

FOLDS = 5


@dataclass(frozen=True)
class LearningRequest:
    """What to learn from, and how.

    ``corrections`` is a folder, or a data set as a recipe writes it; ``share`` their share of all
    training images; ``folds`` the number of parts that are left out in turn, 0 for none;
    ``overrides`` those of the new run's recipe.

    >>> LearningRequest("mine", share=0.1, overrides=["epochs=8"]).folds
    5
    """

    corrections: str
    share: float = SHARE
    folds: int = FOLDS
    overrides: Sequence[str] = ()


@dataclass(frozen=True)
class Learned:
    """The new run, and what learning from corrections brought.

    >>> run = Path("runs/mlp/20261123T153755Z-62fd27")
    >>> done = learn(run, LearningRequest("mine"))  # doctest: +SKIP
    >>> print(done.run.folder, done.outcome.harm)  # doctest: +SKIP
    """

    run: experiment.Run
    outcome: Outcome


def learn(
    path: Path,
    request: LearningRequest,
    *,
    output: Union[str, Path] = "runs",
    callbacks: Sequence[Callback] = (),
    say: Say = say_nothing,
    report: bool = True,
) -> Learned:
    r"""Train a run's network further, with corrections added to its training data, as a new run.

    Args:
        path: the folder of the run.
        request: what to learn from, and how.
        output: the folder that holds the run folders.
        callbacks: told what happens in the new run; a display is one.
        say: called with what a user should know at once.
        report: whether the new run ends with a report.

    Raises:
        Interrupted: after a signal; in the new run's training with a checkpoint to resume from.
        MxdigitsError: for anything else that the user can mend.

    >>> run = Path("runs/mlp/20261123T153755Z-62fd27")
    >>> done = learn(run, LearningRequest("mine"), say=print)  # doctest: +SKIP
    >>> print("\n".join(done.outcome.sentences()))  # doctest: +SKIP
    """
    if not 0 < request.share < 1:
        raise UsageError(f"share: must be a number between 0 and 1, got {request.share}")
    if request.folds < 0 or request.folds == 1:
        raise UsageError(f"folds: must be 0, or at least 2, got {request.folds}")
    say = _once(say)
    part = as_part(request.corrections, RunFolder.open(path).read_trained())
    source, fresh = _source(path, part, say)
    start = _read(source)
    main = own_data(source.path, EvaluationRequest(split="train"), start.trained, say)
    corrections = load_part(parts_of([part])[0], main, f"corrections ({part['name']})")
    for note in corrections.notes:
        say(note)
    images = len(main.train), len(corrections.train)
    recipe = recipe_with(start, part, images, share=request.share, overrides=request.overrides)
    with stoppable() as stopper:
        stopper.meanwhile = "before the training; there is nothing to go on from"
        with naming_another_backend(
            recipe, f"mxdigits learn {shell_word(path)} FOLDER {{backend}}"
        ):
            prepared = _prepared_run(recipe, start)
        student = _Student(source, prepared, stopper)
        # An error of the new run's folder must come now, not after the measurements.
        RunFolder.create(Path(output), recipe.name).path.rmdir()
        first = student.untrained()
        old, known = _right(first, main.test), _right(first, corrections.train)
        left_out = _left_out(student, _rounds(corrections, request.folds if fresh else 0, say), say)
    run = experiment.run(
        recipe,
        output=output,
        callbacks=callbacks,
        say=say,
        report=False,  # the report shows the outcome, which is not known yet
        learning={
            "from": str(source.path.resolve()),
            "part": part,
            "left_out": None if left_out is None else asdict(left_out),
        },
    )
    new = open_evaluator(run.folder.path, EvaluationRequest(context=recipe.context), say_nothing)
    outcome = Outcome(
        old=mcnemar(old, _right(new, main.test)),
        corrections=len(corrections.train),
        known=int(known.sum()),
        learnt=int(_right(new, corrections.train).sum()),
        left_out=left_out,
    )
    _keep(run.folder, outcome, say)
    if report:
        results = read_results(run.folder.path, say, recipe.context)
        run = replace(run, report=experiment.try_report(results, say))
    return Learned(run, outcome)


def _once(say: Say) -> Say:
    """Say each text only once: preparing the new run repeats the notes about the data."""
    told = set()

    def tell(text: str) -> None:
        if text not in told:
            told.add(text)
            say(text)

    return tell


def _source(path: Path, part: Mapping[str, object], say: Say) -> tuple[RunFolder, bool]:
    """The run to start from, and whether it has not learnt from these corrections yet.

    A network that has learnt from them cannot show what they improve, and a network that is trained
    further again and again forgets. So instead of such a run, the run that it started from is used.
    """
    folder = RunFolder.open(path)
    while True:
        recipe = Recipe.load(folder.recipe_file)
        check_are_others(part, recipe, folder.path)
        if not learnt_from(recipe, part):
            return folder, True
        if recipe.init is None or not Path(recipe.init).is_dir():
            say(f"{folder} has learnt from these corrections: what they gain cannot be measured")
            return folder, False
        say(f"{folder} has learnt from these corrections: starting from {recipe.init}, as it did")
        folder = RunFolder.open(Path(recipe.init))


def _read(source: RunFolder) -> Start:
    recipe, history = Recipe.load(source.recipe_file), source.read_history()
    rate = history[-1].learning_rate if len(history) else recipe.optimizer.learning_rate
    return Start(source.path, recipe, source.read_trained(), rate)


def _prepared_run(recipe: Recipe, start: Start) -> PreparedRun:
    """The new run, prepared.

    Raises:
        UsageError: if its classes are not those of the first run's network.
    """
    prepared = prepare(recipe, (), say_nothing)
    classes, known = prepared.dataset.classes, start.trained.network.classes
    if classes != known:
        raise UsageError(
            f"the classes of the data that {start.path} was trained on are now "
            f"{', '.join(classes[:20])}; its network knows {', '.join(known[:20])}, in that order"
        )
    return prepared


class _Student:
    """Trains the network of a run again and again, each time from that run's weights."""

    def __init__(self, source: RunFolder, prepared: PreparedRun, stopper: Stopper):
        self._source, self._prepared, self._stopper = source, prepared, stopper
        self._taken = prepared.dataset.mixed_from[-1].taken
        self._without = prepared.train[: len(prepared.train) - self._taken]
        self._corrections = prepared.dataset.mixed_from[-1].images

    def untrained(self) -> Trainer:
        """A Trainer with the run's weights; valid until the next call, as all share one network."""
        network = self._source.load_weights(self._prepared.network)
        return replace(self._prepared, network=network).trainer(())

    def trained(self, corrections: Optional[Split]) -> Trainer:
        """A Trainer whose network has learnt from the run's data and the given corrections, if any.

        Raises:
            Interrupted: after a signal.
        """
        recipe, train = self._prepared.recipe, self._without
        if corrections is not None:  # repeated as often as in the new run
            count = round(self._taken * len(corrections) / self._corrections)
            which = repeated(len(corrections), count, (recipe.seed,))
            train = together([train, corrections[which]])
        trainer = self.untrained()
        with self._stopper.tell(trainer.stop):
            trainer.fit(
                train,
                epochs=recipe.epochs,
                batch_size=recipe.data.batch_size,
                schedule=self._prepared.schedule,
            )
        if self._stopper.received is not None:
            raise self._stopper.interruption(self._stopper.meanwhile)
        return trainer


def _rounds(corrections: Dataset, most: int, say: Say) -> list[tuple[Split, Split]]:
    """For each round the corrections to learn from and to test with; each is tested once."""
    train, classes = corrections.train, corrections.classes
    if not most:
        return []
    if len(corrections.test):
        return [(train, corrections.test)]
    parts = folds(train, most)
    if single := sorted({classes[label] for label in train.labels[parts < 0]}):
        say(
            f"there is only one picture of {', '.join(single)}: it is learnt from, and not left "
            "out to measure what corrections gain"
        )
    return [(train[parts != part], train[parts == part]) for part in range(parts.max() + 1)]


def _left_out(
    student: _Student, rounds: Sequence[tuple[Split, Split]], say: Say
) -> Optional[LeftOut]:
    """The effect of corrections on digits that were not learnt from."""
    if not rounds:
        return None
    asked = together([each for _, each in rounds])
    before = _right(student.untrained(), asked)
    times = len(rounds) + 1
    say(f"measuring what corrections gain: training 1 of {times}, without corrections")
    without = _right(student.trained(None), asked)
    after = []
    for number, (learnt, each) in enumerate(rounds, start=2):
        say(f"training {number} of {times}: {len(each)} of {len(asked)} corrections left out")
        after.append(_right(student.trained(learnt), each))
    learnt_right = np.concatenate(after)
    return LeftOut(
        images=len(asked),
        before=int(before.sum()),
        without=int(without.sum()),
        after=int(learnt_right.sum()),
        test=mcnemar(without, learnt_right),
    )


def _right(evaluator: Evaluator, split: Split) -> Bools:
    right: Bools = evaluator.logits(split.images).argmax(axis=1) == split.labels
    return right


def _keep(folder: RunFolder, outcome: Outcome, say: Say) -> None:
    """Write the outcome into the run's record."""
    with hold(folder.path, say):
        record = folder.read_whole_record()
        record["learning"].update(outcome.as_dict())
        folder.write_record(record)
