"""Repeats a run in the current environment: what came out equal, what did not, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Union

import numpy as np

from ..arrays import Numbers
from ..errors import NotReproduced, UsageError
from ..graph import Variable
from ..graph.network_files import read_network_files
from ..plugins.environment import changed
from ..report.results import Results, read_results
from ..report.significance import LEVEL, McNemar, mcnemar
from ..report.verdict import sentence
from ..runs.folder import RunFolder
from ..runs.record import PreviousRun
from ..storage.files import sha256_of
from ..train.callbacks import Callback
from ..train.history import COLUMNS, History
from ..wording import NOTHING, Say, flat, in_words, say_nothing
from .records.own_recipe import own_recipe
from .run import Run, run

_SHOWN = 12  # digits of a hash that are shown
_RECIPE = "recipe."
_NAMED = 12  # most distributions that a sentence names
# The keys of an environment that are shown even if they are equal.
_ALWAYS = ("backend", "device.context", "device.threads", "device.processor", "device.platform")
# The keys of a run's record that decide no bit.
_FREE = ("device.passed_over", "plugins.predictions", "data.options.path")


@dataclass(frozen=True)
class Row:
    """One comparison: the value of the run, that of its repetition, and whether they are equal.

    Example:
        >>> Row("accuracy", "0.99", "0.98", False).cells()
        ('accuracy', '0.99', '0.98', 'NO')
    """

    what: str
    then: str
    now: str
    equal: bool

    def cells(self) -> tuple[str, str, str, str]:
        """The row of a table."""
        return self.what, self.then, self.now, "yes" if self.equal else "NO"


@dataclass(frozen=True)
class Reproduction:
    """A run that was repeated.

    ``results`` compares the results, ``files`` the files that hold them, ``environment`` what the
    results depend on. ``test`` is McNemar's test of both networks on the test images;
    ``accuracies`` are those of the run and of its repetition; ``notes`` say what is unknown.

    Example:
        >>> done = reproduce(Path("runs/lenet/20240131-120000"))  # doctest: +SKIP
        >>> done.same_bits  # doctest: +SKIP
        True
    """

    run: Run
    results: tuple[Row, ...]
    files: tuple[Row, ...]
    environment: tuple[Row, ...]
    test: McNemar
    accuracies: tuple[float, float]
    notes: tuple[str, ...] = field(default=())

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows of all comparisons."""
        return (*self.results, *self.files, *self.environment)

    @property
    def same_bits(self) -> bool:
        """Whether the weights, and so the scores, came out equal."""
        return all(row.equal for row in self.results)

    def sentences(self) -> Iterator[str]:
        """The outcome and its reasons, in sentences for people."""
        yield self._why()
        if self.same_bits and (others := [row.what for row in self.files if not row.equal]):
            yield f"These files have the same content in another form: {', '.join(others)}."
        yield from self.notes
        tested = sentence("the run", "its repetition", self.test, self.test.p)
        yield tested[:1].upper() + tested[1:]

    def _why(self) -> str:
        differing = [row for row in self.environment if not row.equal]
        why = "; ".join(f"{row.what} ({row.then}, now {row.now})" for row in differing)
        if self.same_bits:
            return f"The same bits came out{f', although these differ: {why}' if why else ''}."
        if any(row.what.startswith(_RECIPE) for row in differing):
            return f"Other bits came out of another recipe: {why}."
        if differing:
            return (
                f"Other bits came out. What differs may be why: {why}. Each of these can change "
                "the order in which numbers are added, and so their last digits."
            )
        return (
            "Other bits came out, and nothing that is recorded differs: a GPU, or a plugin, may "
            "add or draw in another order each time."
        )

    def check(self) -> None:
        """Check that the accuracies do not differ significantly.

        Raises:
            NotReproduced: if they do.
        """
        if self.test.p < LEVEL:
            raise NotReproduced(
                "the accuracy was {:.4f} and is {:.4f} here, ".format(*self.accuracies)
                + f"a significant difference ({self.test.named()})"
            )


def reproduce(
    path: Path,
    overrides: Sequence[str] = (),
    *,
    output: Union[str, Path] = "runs",
    callbacks: Sequence[Callback] = (),
    say: Say = say_nothing,
    report: bool = True,
) -> Reproduction:
    """Run the recipe of a run again, here, and compare everything.

    Args:
        path: the run folder.
        overrides: of its recipe, such as ``context=cpu`` if its device does not exist here.
        output: the folder that holds the run folders; the repetition is a run of its own.
        callbacks: told what happens.
        say: called with what a user should know at once.
        report: whether the repetition ends with a report.

    Raises:
        UsageError: if the run did not finish.
        MxdigitsError: as for :func:`~mxdigits.experiment.run.run`.

    Example:
        >>> done = reproduce(Path("runs/lenet/20240131-120000"), ["context=cpu"])  # doctest: +SKIP
        >>> print(*done.sentences())  # doctest: +SKIP
    """
    folder = RunFolder.open(path)
    previous = folder.read_record(PreviousRun)
    if previous.state != "finished":
        raise UsageError(f"{path} is {previous.state}: only a finished run can be reproduced")
    if previous.members:
        runs = ", ".join(str(member.get("run")) for member in previous.members)
        raise UsageError(f"{path} is an ensemble, which nothing trains: reproduce its runs, {runs}")
    recipe, wanted = (own_recipe(folder, previous.plugins, each) for each in ((), overrides))
    then = read_results(path, say)
    done = run(
        wanted,
        output=output,
        callbacks=callbacks,
        say=say,
        report=report,
        learning=previous.learning,
    )
    now = read_results(done.folder.path, say)
    recipes = [_facts(each.with_full_paths().model_dump(mode="json")) for each in (recipe, wanted)]
    again = done.folder.read_record(PreviousRun)
    return Reproduction(
        done,
        tuple(_results(then, now)),
        tuple(_files(then.folder, now.folder)),
        (*_environment(previous, again), *_differences(_RECIPE, *recipes)),
        mcnemar(then.right, now.right),
        (then.scores.accuracy, now.scores.accuracy),
        tuple(_notes(previous, again)),
    )


def _results(then: Results, now: Results) -> Iterator[Row]:
    yield _weights(then.folder, now.folder)
    yield _history(then.history, now.history)
    scores = then.scores, now.scores
    yield _row("test accuracy", *(f"{each.accuracy:.6g}" for each in scores))
    yield _row("test loss", *(f"{each.loss:.9g}" for each in scores))
    yield _same(
        "answers to test images",
        int((then.said == now.said).sum()) if len(then.said) == len(now.said) else 0,
        len(then.said),
    )


def _files(then: RunFolder, now: RunFolder) -> Iterator[Row]:
    for old in then.kept_files():
        new = now.path / old.name
        if old != then.history_file and new.is_file():  # the history contains times
            yield _row(old.name, *(sha256_of(file)[:_SHOWN] for file in (old, new)))


def _weights(then: RunFolder, now: RunFolder) -> Row:
    before, after = _arrays(then), _arrays(now)
    if [a.shape for a in before] != [a.shape for a in after]:
        return Row("weights", f"{len(before)} arrays", "of other shapes", False)
    same = sum(a.tobytes() == b.tobytes() for a, b in zip(before, after))
    if same == len(before):
        return Row("weights", f"{same} arrays", "the same bits", True)
    largest = max(float(np.abs(a.astype(np.float64) - b).max()) for a, b in zip(before, after))
    return Row(
        "weights",
        f"{len(before)} arrays",
        f"{same} the same bits, others up to {largest:.1e} away",
        False,
    )


def _arrays(folder: RunFolder) -> list[Numbers]:
    """The weights in the order of the graph's inputs; names may differ, as Gluon counts blocks."""
    graph, arrays = read_network_files(folder.symbol_file, folder.parameters_file)
    names = (node.name for node in graph.nodes if isinstance(node, Variable))
    return [arrays[name] for name in names if name in arrays]


def _history(then: History, now: History) -> Row:
    columns = [name for name in COLUMNS if name.startswith(("train", "validation"))]
    before, after = (list(zip(*map(each.column, columns))) for each in (then, now))
    same = sum(a == b for a, b in zip(before, after))
    return _same("epochs, by loss and accuracy", same, max(len(before), len(after)))


def _same(what: str, same: int, of: int) -> Row:
    return Row(what, f"{of:,}", f"{same:,} the same", same == of)


def _environment(then: PreviousRun, now: PreviousRun) -> Iterator[Row]:
    before, after = (_facts(each.fingerprint) for each in (then, now))
    always = [*(f"versions.{name}" for name in now.versions), *_ALWAYS]
    for key in always:
        old, new = before.pop(key, NOTHING), after.pop(key, NOTHING)
        yield _row(key.rpartition(".")[2], old, new)
    yield from _differences("", before, after)
    if then.installed is not None and now.installed is not None:
        known = {key.rpartition(".")[2] for key in always}
        others = [e for e in changed(then.installed, now.installed) if e.name not in known]
        for each in others[:_NAMED]:
            yield _row(each.name, each.then or NOTHING, each.now or NOTHING)
        if len(others) > _NAMED:
            yield Row("other distributions", NOTHING, f"{len(others) - _NAMED} differ", False)


def _differences(prefix: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Row]:
    for key in sorted({*before, *after}):
        row = _row(prefix + key, before.get(key, NOTHING), after.get(key, NOTHING))
        if not row.equal and not key.startswith(_FREE):
            yield row


def _facts(values: Mapping[str, object]) -> dict[str, str]:
    return {key: in_words(value) for key, value in flat(values, lists=True)}


def _row(what: str, then: str, now: str) -> Row:
    return Row(what, then, now, then == now)


def _notes(then: PreviousRun, now: PreviousRun) -> Iterator[str]:
    if then.installed is None:
        yield "What else was installed then is not known: run.json does not say."
    if then.resumed:
        times = "once" if len(then.resumed) == 1 else f"{len(then.resumed)} times"
        yield f"The run was resumed {times}; its repetition was not interrupted."
