"""How charts are drawn by matplotlib: as SVG in the colours of a page, and as PNG for a paper.

matplotlib is an optional package and slow to import, so only :func:`drawing` imports it.
"""

from __future__ import annotations

import logging
import os
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from ..errors import SetupError
from ..installing import why_not_imported
from ..storage.files import replacing

if TYPE_CHECKING:
    from types import ModuleType

    from matplotlib.figure import Figure

# Each colour has a variable in html/style.css: the same value for light pages, another for dark.
INK = "#1f2328"
GRID = "#d0d7de"
SERIES = ("#0969da", "#bc4c00", "#1a7f37", "#8250df", "#9a6700", "#bf3989", "#57606a", "#0a7ea4")
_VARIABLES = {INK: "--ink", GRID: "--line", **{c: f"--series-{i}" for i, c in enumerate(SERIES)}}

DPI = 300  # of PNG, for print

# Options of Matplotlib, whose values have many types.
Look = dict[str, Any]

_SETTINGS: dict[str, object] = {
    "svg.hashsalt": "mxdigits",  # the same numbers give the same bytes
    "svg.fonttype": "none",  # text stays text: it can be read out, selected and restyled
    "text.parse_math": False,  # the name of a class may hold a dollar
    "font.size": 10.0,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "lines.markersize": 4.0,
    "legend.frameon": False,
}


class PlotsMissing(SetupError):
    """matplotlib is not installed, or does not start.

    >>> str(PlotsMissing("matplotlib is not installed")), PlotsMissing.exit_code
    ('matplotlib is not installed', 3)
    """


@dataclass(frozen=True)
class Chart:
    """A finished chart; ``title`` says in words what it shows, for those who cannot see it.

    >>> Chart("loss", "Loss by epoch", figure=None).title
    'Loss by epoch'
    """

    name: str
    title: str
    figure: Figure


@contextmanager
def drawing() -> Iterator[None]:
    """Draw and write charts inside this block, with mxdigits' own settings, not the user's.

    Raises:
        PlotsMissing: if matplotlib cannot be used.

    >>> from mxdigits.report.plots import Line, line_chart
    >>> with drawing():
    ...     svg = as_svg(line_chart("loss", "Loss", [Line("train", [0.4, 0.2])], label="loss"))
    >>> svg[:5]
    '<svg '
    """
    # On its first use, matplotlib logs that it looks for fonts, or cannot keep their list.
    logger = logging.getLogger("matplotlib")
    level = logger.level
    logger.setLevel(logging.ERROR)
    # No chart holds a date, but matplotlib fails if this variable is no number.
    date = os.environ.pop("SOURCE_DATE_EPOCH", None)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as those about glyphs that the font lacks
            matplotlib = _matplotlib()
            with matplotlib.rc_context():
                matplotlib.rcdefaults()
                matplotlib.rcParams.update(_SETTINGS)
                yield
    finally:
        logger.setLevel(level)
        if date is not None:
            os.environ["SOURCE_DATE_EPOCH"] = date


def _matplotlib() -> ModuleType:
    try:
        import matplotlib
        import matplotlib.figure
    except Exception as error:  # such as a NumPy that it was not built for
        why = why_not_imported("matplotlib", "matplotlib", "report", error)
        raise PlotsMissing(why) from error
    found: ModuleType = matplotlib
    return found


def write_png(chart: Chart, path: Path) -> None:
    """Write a chart as PNG, on white, for print.

    Raises:
        OutputError: if the file cannot be written.

    >>> from mxdigits.report.plots import Line, line_chart
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, drawing():
    ...     file = Path(folder, "loss.png")
    ...     write_png(line_chart("loss", "Loss", [Line("train", [0.4, 0.2])], label="loss"), file)
    ...     file.read_bytes()[1:4]
    b'PNG'
    """
    with replacing(path) as temporary:
        chart.figure.savefig(
            temporary,
            dpi=DPI,
            format="png",
            metadata={"Software": None},
            pil_kwargs={"compress_level": 3},  # half the default's time, a third more bytes
        )


def as_svg(chart: Chart) -> str:
    """Return a chart as an element of an HTML page; variables of the page give its colours.

    >>> from mxdigits.report.plots import Line, line_chart
    >>> with drawing():
    ...     as_svg(line_chart("loss", "Loss", [Line("train", [0.4, 0.2])], label="loss"))[:5]
    '<svg '
    """
    file = BytesIO()
    nothing = dict.fromkeys(["Creator", "Date", "Format", "Type"])
    chart.figure.savefig(file, format="svg", transparent=True, metadata=nothing)
    # The layout is done, so writing the PNG need not compute it again: with any layout engine,
    # matplotlib draws each file twice.
    chart.figure.set_layout_engine(None)
    root = ElementTree.fromstring(file.getvalue())
    _clean(root)
    _, _, width, height = root.attrib["viewBox"].split()
    root.attrib.clear()
    root.attrib.update(
        {"viewBox": f"0 0 {width} {height}", "role": "img", "aria-label": chart.title}
    )
    text = ElementTree.tostring(root, encoding="unicode", short_empty_elements=False)
    # A chart's ids must differ from those of the page and of other charts.
    text = re.sub(r'(?<= id=")|(?<="#)|(?<=url\(#)', f"{chart.name}-", text)
    for colour, variable in _VARIABLES.items():
        text = text.replace(colour, f"var({variable})")
    return text


def _clean(element: ElementTree.Element) -> None:
    """Remove from an SVG what HTML does not need: namespaces, metadata, style sheets."""
    element.tag = element.tag.rpartition("}")[2]
    for key in list(element.attrib):
        element.attrib[key.rpartition("}")[2]] = element.attrib.pop(key)
    for child in list(element):
        if child.tag.rpartition("}")[2] in ("metadata", "style"):
            element.remove(child)
        else:
            _clean(child)


def new_figure(width: float, height: float, rows: Sequence[float] = (1,)) -> tuple[Figure, Any]:
    """Make a figure, its size in inches, and its axes; without pyplot, which keeps every figure.

    >>> with drawing():
    ...     figure, axes = new_figure(4.6, 3.2)
    """
    from matplotlib import figure as figures

    figure = figures.Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots(len(rows), sharex=True, gridspec_kw={"height_ratios": list(rows)})
    return figure, axes
