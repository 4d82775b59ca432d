"""The charts: as an element of a page and as a file."""

from __future__ import annotations

import os
import re

import numpy as np
import pytest
from PIL import Image

from mxdigits.report.calibration import FEW, calibrate
from mxdigits.report.drawing import DPI, as_svg, drawing, write_png
from mxdigits.report.plots import Line, confusion_matrix, line_chart, reliability_diagram, short
from mxdigits.report.rate_plot import rate_chart
from mxdigits.train.range_test import RateCurve


def lines(*values):
    return line_chart("loss", "Loss", [Line(str(i), v) for i, v in enumerate(values)], label="loss")


def test_a_single_epoch_is_not_divided():
    with drawing():
        axes = lines([0.5], [0.25]).figure.axes[0]
        assert axes.get_xticks().tolist() == [0]


def test_an_svg_is_text_in_the_colours_of_its_page(page):
    with drawing():
        svg = as_svg(lines([0.5, 0.25, 0.125], [0.75, 0.5, 0.25]))
    found = page(
        "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; img-src data:;\">"
        f"<h1></h1>{svg}"
    )
    assert found.all("svg") == [
        {"viewbox": found.all("svg")[0]["viewbox"], "role": "img", "aria-label": "Loss"}
    ]
    assert {"epoch", "loss", "0", "1", "2"} <= set(found.text.split())
    assert "http" not in svg
    assert "<style" not in svg
    assert set(re.findall(r"var\((--[\w-]+)\)", svg)) == {
        *("--ink", "--line", "--series-0", "--series-1")
    }
    assert not re.search(r"#[0-9a-f]{6}\b", svg)


def test_what_is_said_of_the_date_of_a_build_does_not_matter(monkeypatch):
    svgs = []
    for date in ("nonsense", "1700000000", ""):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", date)
        with drawing():
            svgs.append(as_svg(lines([0.5, 0.25])))
        assert os.environ["SOURCE_DATE_EPOCH"] == date  # others may want it
    assert len(set(svgs)) == 1


def test_the_rates_of_a_range_test(page):
    rates = np.geomspace(1e-4, 1, 80)
    curve = RateCurve(rates, np.repeat([2.3, 1.5, 0.5, 9.0], 20))
    with drawing():
        chart = rate_chart(curve)
        svg = as_svg(chart)
    assert chart.title == "Loss by learning rate; proposed: 0.013"
    assert {"0.013", "0.01", "0.001", "0.0001", "learning", "rate", "loss"} <= set(
        re.sub("<[^>]*>", " ", svg).split()
    )


def test_the_same_numbers_give_the_same_bytes_and_two_charts_no_common_id(tmp_path):
    def draw(name):
        with drawing():
            chart = line_chart(name, "Loss", [Line("a", [1.0, 0.5])], label="loss")
            write_png(chart, tmp_path / f"{name}.png")
            return as_svg(chart), (tmp_path / f"{name}.png").read_bytes()

    assert draw("one") == draw("one")
    ids = [set(re.findall(r'\bid="([^"]+)"', draw(name)[0])) for name in ("one", "two")]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_a_png_is_made_for_print(tmp_path):
    with drawing():
        write_png(lines([1.0, 0.5]), tmp_path / "loss.png")
    with Image.open(tmp_path / "loss.png") as picture:
        assert picture.format == "PNG"
        assert picture.getpixel((0, 0))[:3] == (255, 255, 255)
        assert picture.info["dpi"] == pytest.approx((DPI, DPI), abs=0.1)
    assert [path.name for path in tmp_path.iterdir()] == ["loss.png"]


@pytest.mark.parametrize(
    "values",
    [[], [0.5], [None, 0.5], [float("nan"), float("inf"), 0.5], [float("nan")], [0.5] * 100],
)
def test_what_a_history_may_hold_can_be_drawn(values):
    with drawing():
        assert as_svg(lines(values)).startswith("<svg ")


def test_every_line_is_in_the_legend_whatever_it_is_called():
    names = ["_begins_with_a_line", "$x$", "x" * 50]
    with drawing():
        chart = line_chart("loss", "", [Line(name, [1.0]) for name in names], label="loss")
        found = [text.get_text() for text in chart.figure.axes[0].get_legend().get_texts()]
    assert found == [*names[:2], "x" * 31 + "…"]


def test_26_runs_can_be_told_apart():
    with drawing():
        drawn = lines(*[[1.0, 0.5]] * 26).figure.axes[0].lines
    assert len({(line.get_color(), line.get_linestyle()) for line in drawn}) == 26


@pytest.mark.parametrize("samples", [1, 500])
def test_a_reliability_diagram_has_a_bar_for_each_bin_that_holds_anything(samples):
    random = np.random.default_rng(1)
    prob = random.dirichlet(np.ones(3), samples)
    calibration = calibrate(prob, random.integers(0, 3, samples))
    with drawing():
        chart = reliability_diagram("reliability", "Reliability", calibration)
        assert as_svg(chart).startswith("<svg ")
    above, below = chart.figure.axes
    heights = [bar.get_height() for bar in above.patches]
    np.testing.assert_array_equal(heights, calibration.accuracy[calibration.counts > 0])
    held = calibration.counts[calibration.counts > 0]
    assert [bar.get_height() for bar in below.patches] == held.tolist()
    for axes in (above, below):
        pale = [bar.get_alpha() == 0.2 for bar in axes.patches]
        assert pale == (held < FEW).tolist()


@pytest.mark.parametrize("name", ["$\\frac{", "dress\n  shirt", "服", "nul\0", "<b>&", "x" * 500])
def test_the_name_of_a_class_may_be_anything(tmp_path, name):
    with drawing():
        chart = confusion_matrix("confusion", "", np.array([[3, 1], [0, 0]]), [name, "b"])
        write_png(chart, tmp_path / "confusion.png")
    assert (tmp_path / "confusion.png").stat().st_size > 1000


def test_a_large_matrix_does_not_make_a_huge_picture(tmp_path):
    with drawing():
        many = list(map(str, range(64)))
        write_png(confusion_matrix("c", "", np.eye(64, dtype=int), many), tmp_path / "c.png")
    with Image.open(tmp_path / "c.png") as picture:
        assert max(picture.size) == 11 * DPI


def test_names_are_cut_to_one_short_line():
    assert short("dress\n shirt\0") == "dress shirt"
    assert short("abcdefgh", 5) == "abcd…"
    assert short("abcde", 5) == "abcde"


def test_the_users_settings_neither_matter_nor_change():
    with drawing():
        import matplotlib  # an old one warns of others, and warnings are errors here
    with matplotlib.rc_context({"axes.facecolor": "pink", "text.usetex": True}):
        with drawing():
            svg = as_svg(lines([1.0]))
        assert matplotlib.rcParams["axes.facecolor"] == "pink"
        assert matplotlib.rcParams["text.usetex"]
    assert "ffc0cb" not in svg
