"""The report of a run: ``report.html``, complete in one file, and its charts as PNG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Callable

from ..backends.context import BackendSpec, ContextSpec
from ..errors import MxdigitsError, OutputError, RecipeError
from ..predict.opening import EvaluationRequest, open_evaluator
from ..runs.folder import RunFolder
from ..runs.listing import how_unfinished
from ..runs.record import Record
from ..signals import stoppable
from ..storage.files import sha256_of, write_text
from ..storage.lock import hold
from ..storage.strict_yaml import read
from ..train.metrics import confusions
from ..values import Unchecked
from ..wording import Say, duration
from .by_class import by_class, shaded
from .calibration import BINS, FEW
from .drawing import Chart, PlotsMissing, as_svg, drawing, write_png
from .mistakes import mistakes
from .outcome import Outcome
from .page import count, decimals, percent, render
from .plots import Line, confusion_matrix, line_chart, reliability_diagram
from .results import Results, read_results

MOST_CONFUSIONS = 12
# A wider matrix is left out, because nobody can read it; the list of confusions stays.
MOST_MATRIX_CLASSES = 64


def report_run(
    path: Path, say: Say, context: ContextSpec = "cpu", backend: BackendSpec = "auto"
) -> Path:
    """Write a run's report again; return the path of the page.

    Args:
        path: the run folder.
        say: called with what a user should know.
        context: the device for predictions that the folder does not hold.
        backend: the backend for these predictions.

    Raises:
        Interrupted: after SIGINT, SIGTERM or SIGHUP; nothing half-written is left.
        FolderInUse: if the run is going on, or its report is being written.
        MxdigitsError: if the folder, the data or the device cannot be used.

    >>> report_run(Path("runs/mlp/20261123T153755Z-62fd27"), print)  # doctest: +SKIP
    """
    folder = RunFolder.open(path)
    with stoppable() as stopper, hold(path, say):
        stopper.meanwhile = "before the report was written"
        folder.sweep()
        results = read_results(path, say, context, backend)
        return write_report(_with_network(results, context, backend, say), say)


def _with_network(
    results: Results, context: ContextSpec, backend: BackendSpec, say: Say
) -> Results:
    """The results with the network opened to explain mistakes, if a backend here can predict."""
    if results.logits is not None or results.right.all():
        return results
    request = EvaluationRequest(context=context, backend=backend)
    try:
        evaluator = open_evaluator(results.folder.path, request, say)
    except MxdigitsError as error:
        first = str(error).partition("; ")[0]  # the rest names each backend
        say(f"the report explains no mistakes: {first}")
        return results
    return replace(results, logits=evaluator.logits)


def write_report(results: Results, say: Say) -> Path:
    """Write ``report.html`` and ``plots/*.png`` into the run's folder; return the page's path.

    Without matplotlib there are no charts; the page and a line to ``say`` tell that.

    Raises:
        OutputError: if a file cannot be written.

    >>> write_report(read_results(path, print), print).name  # doctest: +SKIP
    """
    folder = results.folder
    svgs: dict[str, str] = {}
    missing = ""
    try:
        with drawing():
            charts = list(_charts(results))
            svgs = {chart.name: as_svg(chart) for chart in charts if chart.name != "confusion"}
            write_plots(charts, folder.plots)
    except PlotsMissing as error:
        missing = str(error)
        say(f"the report has no charts: {missing}")
    write_text(folder.report_file, report_page(results, svgs, missing))
    return folder.report_file


def write_plots(charts: list[Chart], folder: Path) -> None:
    """Write charts as ``folder/<name>.png``.

    Raises:
        OutputError: if a file cannot be written.

    >>> with drawing():  # doctest: +SKIP
    ...     chart = line_chart("loss", "Loss", [Line("", [0.4, 0.2])], label="loss")
    ...     write_plots([chart], Path("plots"))
    """
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make the folder {folder}: {error.strerror}") from None
    for chart in charts:
        write_png(chart, folder / f"{chart.name}.png")


def _charts(results: Results) -> Iterator[Chart]:
    history, scores = results.history, results.scores
    if len(history):
        for what, title in (("loss", "Loss by epoch"), ("accuracy", "Accuracy by epoch")):
            lines = [
                Line("train", history.column(f"train_{what}"), dashed=True),
                Line(results.evaluated_on, history.column(f"validation_{what}")),
                Line(
                    f"{results.evaluated_on}, averaged weights",
                    history.column(f"validation_ema_{what}"),
                ),
            ]
            lines = [line for line in lines if any(v is not None for v in line.values)]
            yield line_chart(what, title, lines, label=what)
        rates = history.column("learning_rate")
        if len(set(rates)) > 1:
            title = "Learning rate by epoch"
            yield line_chart("learning_rate", title, [Line("", rates)], label="learning rate")
    if len(results.classes) <= MOST_MATRIX_CLASSES:
        yield confusion_matrix("confusion", "Confusion matrix", scores.confusion, results.classes)
    title = "Reliability diagram: accuracy over confidence"
    yield reliability_diagram("reliability", title, results.calibration)


def report_page(results: Results, charts: dict[str, str], missing: str = "") -> str:
    """Return the page as HTML.

    Args:
        results: what it shows.
        charts: {name: SVG}.
        missing: why there are no charts.

    >>> page = report_page(read_results(path, print), {}, "no matplotlib")  # doctest: +SKIP
    """
    small = len(results.classes) <= MOST_MATRIX_CLASSES
    return render(
        "report.html",
        results=results,
        record=results.record,
        scores=results.scores,
        tiles=_tiles(results),
        calibration=results.calibration,
        few=FEW,
        trust=trust(results),
        charts=charts,
        missing=missing,
        unfinished=_unfinished(results),
        epochs=_epochs(results),
        mistakes=mistakes(results),
        confusions=confusions(results.scores, results.classes)[:MOST_CONFUSIONS],
        matrix=shaded(results.scores.confusion) if small else None,
        by_class=by_class(results.scores, results.classes),
        speed=_speed(results),
        environment=_environment(results.record),
        learned=Outcome.of(results.record.get("learning")),
        files=_files(results),
    )


def _epochs(results: Results) -> list[list[str]]:
    """The history as a table, its titles first; the average's columns only if there is one."""
    on = results.evaluated_on
    columns: dict[str, tuple[str, Callable[[float], str]]] = {
        "epoch": ("epoch", str),
        "learning_rate": ("learning rate", "{:g}".format),
        "train_loss": ("train loss", decimals),
        "train_accuracy": ("train accuracy", decimals),
        "validation_loss": (f"{on} loss", decimals),
        "validation_accuracy": (f"{on} accuracy", decimals),
        "validation_ema_loss": (f"{on} loss of the average", decimals),
        "validation_ema_accuracy": (f"{on} accuracy of the average", decimals),
        "seconds": ("seconds", lambda value: decimals(value, 2)),
        "samples_per_second": ("samples/s", count),
    }
    cells = []
    for name, (title, form) in columns.items():
        values = results.history.column(name)
        if "_ema_" not in name or any(value is not None for value in values):
            cells.append([title, *map(form, values)])
    return [list(row) for row in zip(*cells)]


def _unfinished(results: Results) -> str:
    """How far an unfinished run came; a killed run could not write down its state."""
    state, epochs = str(results.record.get("state")), None
    with suppress(RecipeError):
        epochs = mapping(read(results.recipe, "recipe").value).get("epochs")
    how = how_unfinished(
        "interrupted" if state == "running" else state,
        len(results.history),
        epochs if isinstance(epochs, int) else None,
    )
    why = results.record.get("error")
    # The error already says that the run was interrupted or failed.
    return f"{how.partition(', ')[2] or how}: {why}" if how and why else how


def _tiles(results: Results) -> list[tuple[str, str, str]]:
    """The tiles at the top of the page: name, value, explanation."""
    scores = results.scores
    low, high = scores.interval()
    network, device = (mapping(results.record.get(key)) for key in ("network", "device"))
    ece = results.calibration.expected_error
    tiles = [
        (
            "Test accuracy",
            f"{scores.accuracy:.4f}",
            f"95\N{NO-BREAK SPACE}% interval {low:.4f} to {high:.4f}",
        ),
        ("Mistakes", count(scores.samples - scores.correct), f"of {count(scores.samples)} images"),
        ("Test loss", f"{scores.loss:.4f}", "mean cross-entropy"),
        ("Calibration error", f"{ece:.4f}", f"expected (ECE), {BINS} bins"),
        ("Parameters", count(network.get("parameters")), "trained"),
        ("Device", str(device.get("context", "")), _hardware(device, results.record)),
    ]
    return [tile for tile in tiles if tile[1]]


def _hardware(device: Mapping[str, object], record: Record) -> str:
    """The name of the GPU or of the processor, with the backend and the precision."""
    parts = [str(device.get("name") or device.get("processor", ""))]
    if record.get("backend", "mxnet") != "mxnet":
        parts.append(f"by {record['backend']}")
    if record.get("precision", "float32") != "float32":
        parts.append(f"in {record['precision']}")
    return ", ".join(filter(None, parts))


def _environment(record: Record) -> dict[str, object]:
    """The sections of a record that say in which environment a run was made."""
    executed = {key: record[key] for key in ("backend", "precision") if key in record}
    sections = {"execution": executed, **record}
    if learned := Outcome.of(record.get("learning")):  # shown in its own section
        rest = {key: each for key, each in record["learning"].items() if key not in learned.keys}
        sections["learning"] = rest
    return {
        key: value
        for key, value in sections.items()
        if isinstance(value, dict) and value and key not in ("scores", "seconds", "installed")
    }


def mapping(value: Unchecked) -> dict[str, Unchecked]:
    """Return a mapping from a record, or an empty one if another version wrote something else.

    Example:
        >>> mapping({"accuracy": 0.99}), mapping(None)
        ({'accuracy': 0.99}, {})
    """
    return value if isinstance(value, dict) else {}


def trust(results: Results) -> str:
    """Return the calibration in a sentence.

    >>> trust(read_results(path, print))  # doctest: +SKIP
    """
    said, was = results.calibration.mean_confidence, results.calibration.mean_accuracy
    numbers = f"it is {percent(said)} sure on average and right in {percent(was)} of cases"
    if abs(said - was) < 0.005:
        return f"Its confidence is about right: {numbers}."
    return f"It is {'over' if said > was else 'under'}confident: {numbers}."


def _speed(results: Results) -> list[tuple[str, str]]:
    """How long each stage took, as far as the run has recorded it."""
    rows = []
    rates = results.history.column("samples_per_second")
    if rates:
        rows.append(("images trained a second, median of the epochs", f"{median(rates):,.0f}"))
        total = sum(results.history.column("seconds"))
        rows.append(("training, without evaluation", duration(total)))
    for stage, value in mapping(results.record.get("seconds")).items():
        if isinstance(value, (int, float)):
            rows.append((f"stage: {stage.replace('_', ' ')}", duration(value)))
    return rows


@dataclass(frozen=True)
class File:
    """A file of the run, as it is now; ``size`` is in bytes.

    >>> File("run.json", 5120, "9f86d081884c7d65...").size
    5120
    """

    name: str
    size: int
    sha256: str


def _files(results: Results) -> list[File]:
    """The run's own files, as they are now."""
    files = []
    for path in results.folder.kept_files():
        with suppress(OSError):
            files.append(File(path.name, path.stat().st_size, sha256_of(path)))
    return files
