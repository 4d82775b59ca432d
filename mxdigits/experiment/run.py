"""A run from its recipe to its files: the one place that connects all packages."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Optional, Union

from .. import heartbeat
from ..arguments import as_function, as_path
from ..arrays import Probabilities
from ..errors import Diverged, MxdigitsError, PluginError, Pruned
from ..foreign import describe
from ..predict.predictions import write_predictions
from ..recipe.overrides import as_overrides, listed
from ..recipe.schema import Recipe, as_recipe
from ..report.report import write_report
from ..report.results import Results
from ..runs.checkpoint_writer import CheckpointWriter
from ..runs.checkpoints import Checkpoints
from ..runs.folder import RunFolder
from ..signals import Requests, Stopper, stoppable
from ..storage.files import line_log, refuse_links, write_text
from ..storage.lock import hold
from ..train.arguments import as_callbacks
from ..train.callbacks import Callback
from ..train.metrics import TOP_K, Scores, score, softmax
from ..train.trainer import Trainer
from ..wording import Say, shell_word
from ..workers import current
from .display.notebook import displayed
from .display.plain import PlainSpeedometer
from .following import check_not_stopped, meet
from .memory import memory_in_words
from .preparation.named_runs import with_runs_found
from .preparation.prepare import PreparedRun, prepare
from .preparation.recipe_devices import naming_another_backend
from .records.history_files import HistoryFiles
from .records.record import scores_record
from .records.run_state import recorded, to_go_on
from .resumption import Resumption, read_resumption
from .tracking import Finish, tracked


@dataclass(frozen=True)
class Run:
    """A finished run: its folder, its scores on the test set, and the files that it wrote.

    >>> done = run("mlp", epochs=1)  # doctest: +SKIP
    >>> print(done.folder, done.scores.interval(), done.report)  # doctest: +SKIP
    """

    folder: RunFolder
    scores: Scores
    predictions: Sequence[Path]
    report: Optional[Path] = None

    def _repr_html_(self) -> str:
        """The folder and the scores, for notebooks."""
        return f"<p>{escape(str(self.folder))}</p>{self.scores._repr_html_()}"


def run(
    recipe: Union[Recipe, str, Path],
    overrides: Sequence[str] = (),
    *,
    output: Union[str, Path] = "runs",
    callbacks: Sequence[Callback] = (),
    say: Optional[Say] = None,
    report: bool = True,
    learning: Optional[dict[str, object]] = None,
    **keys: object,
) -> Run:
    """Train, score and predict as a recipe says, and keep everything in a run folder.

    >>> adam = {"name": "adam", "learning_rate": 0.001}
    >>> done = mxdigits.run("lenet", epochs=3, optimizer=adam)  # doctest: +SKIP
    >>> print(done.scores.accuracy)  # doctest: +SKIP

    Args:
        recipe: a recipe, its file, or the name of one that ships with mxdigits.
        overrides: of the recipe, such as ``"optimizer.learning_rate=0.05"``.
        output: the folder that holds the run folders.
        callbacks: told what happens; a display is one.
        say: called with what a user should know at once, such as the device that is used. In a
            notebook a run without callbacks and ``say`` shows its progress in the cell.
        report: whether to end with a report.
        learning: an entry for the record about the corrections that the run learns from.
        keys: keys of the recipe, with their new values.

    Raises:
        UsageError: if there is no such recipe, or another argument is invalid.
        RecipeError: if it is not valid; with every mistake in it.
        Interrupted: after SIGINT, SIGTERM or SIGHUP, with a checkpoint and the weights as they were
            saved.
        Diverged: if the loss or a weight was not finite, with the last good weights saved.
        MxdigitsError: for anything else that the user can mend.
    """
    recipe = as_recipe(recipe, listed(overrides) + as_overrides(keys))
    output = as_path("output", output)
    callbacks, say = _displayed(callbacks, say)
    with stoppable() as stopper:
        recipe = with_runs_found(recipe, say).with_full_paths()
        text = recipe.dump()  # before the training, because it may be too long
        prepared = prepare(recipe, callbacks, say, workers=current())
        if learning is not None:
            prepared.record["learning"] = learning
        folder = RunFolder.create(output, recipe.name)
        say(f"run folder: {folder}")
        with hold(folder.path, say), tracked(prepared, folder, say) as finish:
            write_text(folder.recipe_file, text)
            done, results = _carry_out(prepared, folder, stopper, say)
            return _finished(done, results, report, say, finish)


def resume(
    path: Union[str, Path],
    overrides: Sequence[str] = (),
    *,
    allow_changes: bool = False,
    callbacks: Sequence[Callback] = (),
    say: Optional[Say] = None,
    report: bool = True,
    **keys: object,
) -> Run:
    """Continue a run from its newest checkpoint; it ends with the bits of an uninterrupted run.

    Args:
        path: the run folder.
        overrides: of its recipe, such as ``"epochs=20"`` to train it further.
        allow_changes: continue although the recipe, the data or a version has changed.
        callbacks: told what happens, besides the recipe's own; a display is one.
        say: called with what a user should know at once, such as what was skipped. In a
            notebook a run without callbacks and ``say`` shows its progress in the cell.
        report: whether to write ``report.html`` at the end.
        keys: keys of the recipe, with their new values, as for :func:`run`.

    Raises:
        UsageError: if the run is finished, an argument is invalid, or something has changed; then
            the message names each key.
        RunFolderError: if the folder is not a run folder, or is damaged.
        FolderInUse: if another process uses the run.
        Interrupted: after SIGINT, SIGTERM or SIGHUP, with a checkpoint to continue from.
        Diverged: if the loss or a weight is not finite, with the last good weights saved.
        MxdigitsError: for anything else that the user can mend.

    >>> done = resume("runs/mlp/20261123T153755Z-62fd27", epochs=20)  # doctest: +SKIP
    >>> print(done.scores.accuracy)  # doctest: +SKIP
    """
    path = as_path("resume", path, "the path of a run folder")
    changes = listed(overrides) + as_overrides(keys)
    callbacks, say = _displayed(callbacks, say)
    RunFolder(path).check_is_run()
    refuse_links(path)
    heartbeat.tell_folder(str(path))
    with stoppable() as stopper, hold(path, say):
        resumption = read_resumption(path, changes, say)
        begun = resumption.checkpoint is not None
        recipe = with_runs_found(resumption.recipe, say, init=not begun)
        text = recipe.with_full_paths().dump()
        stopper.meanwhile = f"before the training; {to_go_on(resumption.folder)}"
        resumption.folder.sweep()
        classes = resumption.previous.network.classes
        recipe = resumption.settled(recipe)
        command = f"mxdigits resume {shell_word(path)} {{backend}} --allow-changes"
        with naming_another_backend(recipe, command):
            prepared = prepare(
                recipe,
                callbacks,
                say,
                weights_follow=begun,
                classes=classes,
                workers=current(),
            )
        resumption.check_changes(prepared, say, allow=allow_changes)
        with tracked(prepared, resumption.folder, say, resumed=True) as finish:
            write_text(resumption.folder.recipe_file, text)
            done, results = _carry_out(prepared, resumption.folder, stopper, say, resumption)
            return _finished(done, results, report, say, finish)


def _displayed(callbacks: Sequence[Callback], say: Optional[Say]) -> tuple[Sequence[Callback], Say]:
    """The callbacks and the ``say`` of a run, checked before anything is read or made."""
    callbacks = as_callbacks(callbacks)
    if say is not None:
        as_function("say", say)
    return displayed(callbacks, say)


def _carry_out(
    prepared: PreparedRun,
    folder: RunFolder,
    stopper: Stopper,
    say: Say,
    resumption: Optional[Resumption] = None,
) -> tuple[Run, Results]:
    """Train, score and predict, from the beginning or from a checkpoint, and write all files."""
    record, stopwatch, dataset = prepared.record, prepared.stopwatch, prepared.dataset
    if resumption is not None:
        resumption.go_on(record, stopwatch)
    if prepared.recipe.checkpoint is not None:
        folder.flush(say)  # before the training, so that the user knows what to expect
    with (
        recorded(record, folder, stopwatch, stopper),
        memory_in_words(prepared.recipe.data.batch_size),
        line_log(folder.log_file, append=True) as log,
    ):
        logged = PlainSpeedometer(log)

        def tell(text: str) -> None:
            say(text)
            logged.note(text)

        trainer = prepared.trainer([logged], tell)
        checkpoint = None if resumption is None else resumption.checkpoint
        meet(trainer, prepared, None if checkpoint is None else checkpoint.state)
        trainer.add_callback(HistoryFiles(folder, trainer.history))
        with stopwatch.time("fit"):
            _fit(trainer, prepared, folder, stopper, tell)
        if trainer.ended:
            say(trainer.ended)
        with stopwatch.time("score_and_predict"):
            scores, prob = _score_and_predict(trainer, prepared, folder)
        record["scores"] = {"test": scores_record(scores, dataset.classes)}
    stopper.meanwhile = f"after the run; for its report: mxdigits report {shell_word(folder)}"
    files = [folder.predictions_file(form) for form in prepared.recipe.predictions]
    results = Results(
        folder=folder,
        record=record,
        recipe=prepared.recipe.dump(),
        history=trainer.history,
        test=dataset.test,
        prob=prob,
        classes=dataset.classes,
        label_smoothing=prepared.recipe.loss.label_smoothing,
        logits=trainer.logits,
    )
    return Run(folder, scores, files), results


def _fit(
    trainer: Trainer, prepared: PreparedRun, folder: RunFolder, stopper: Stopper, tell: Say
) -> None:
    """Train the remaining epochs, and save the network however the training ends."""
    recipe = prepared.recipe
    try:
        with (
            stopper.tell(trainer.stop),
            _checkpoints(prepared, folder, stopper.requests, tell) as writer,
        ):
            trainer.fit(
                prepared.train,
                epochs=0 if trainer.ended else recipe.epochs - len(trainer.history),
                batch_size=recipe.data.batch_size,
                validation=prepared.validation,
                schedule=prepared.schedule,
                sink=writer,
            )
    except Diverged as error:
        folder.save_network(*trainer.backend.network())
        heartbeat.tell_diverged()
        raise error.keeping(f"the weights before that epoch are in {folder}") from None
    except (PluginError, Pruned):  # a callback's
        folder.save_network(*trainer.backend.network())
        raise
    folder.save_network(*trainer.backend.network())
    if asked := stopper.requests.take():
        none = "the recipe says checkpoint: null" if recipe.checkpoint is None else ""
        tell(f"{asked}: no checkpoint was kept, for {none or 'the training is over'}")
    how = f"the weights as they were are in {folder}"
    if recipe.checkpoint is not None:
        how = to_go_on(folder)
    check_not_stopped(trainer, stopper, how)
    stopper.meanwhile = f"after the training; {how}"


def _checkpoints(
    prepared: PreparedRun, folder: RunFolder, requests: Requests, tell: Say
) -> AbstractContextManager[Optional[CheckpointWriter]]:
    policy = prepared.recipe.checkpoint
    if policy is None:
        return nullcontext()
    checkpoints = Checkpoints(folder.checkpoints_folder, policy.keep)
    return CheckpointWriter(checkpoints, policy, prepared.fingerprint, requests=requests, say=tell)


def _score_and_predict(
    trainer: Trainer, prepared: PreparedRun, folder: RunFolder
) -> tuple[Scores, Probabilities]:
    test, classes = prepared.dataset.test, prepared.dataset.classes
    logits = trainer.logits(test.images)
    prob = softmax(logits)
    for form in prepared.recipe.predictions:
        write_predictions(folder.predictions_file(form), prob, test.labels, classes)
    smoothing = prepared.recipe.loss.label_smoothing
    return score(logits, test.labels, label_smoothing=smoothing, top_k=TOP_K), prob


def _finished(done: Run, results: Results, report: bool, say: Say, finish: Finish) -> Run:
    """The finished run, with its report if one is wanted; trackers are told of both."""
    if report:
        done = replace(done, report=try_report(results, say))
    finish(results, done.report)
    return done


def try_report(results: Results, say: Say) -> Optional[Path]:
    """Write the report. If that fails, the run has still succeeded; one line says why.

    >>> try_report(read_results(path, print), print)  # doctest: +SKIP
    """
    try:
        return write_report(results, say)
    except Exception as error:  # a library for charts may raise anything
        why = str(error) if isinstance(error, MxdigitsError) else describe(error)
        say(f"there is no report: {why}")
        return None
