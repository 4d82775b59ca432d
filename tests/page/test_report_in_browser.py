"""Reports and comparisons in a browser: on a phone, in print, in both colour schemes.

Run with -m page, as the tests beside it. The ones of print need ``pdftotext`` (Debian's
``poppler-utils``).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mxdigits.report.compare import Comparison, compare_page, run_names
from mxdigits.report.report import write_report
from mxdigits.report.verdict import pairs

pytestmark = pytest.mark.page

HASHES = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("images", "labels")}
RECORD = {
    "recipe": "bars",
    "state": "finished",
    "versions": {"mxdigits": "0.1.0", "numpy": "1.26.4"},
    "data": {
        "name": "mnist",
        "sha256": {f"t10k-{name}-idx3-ubyte": h for name, h in HASHES.items()},
    },
    "device": {"context": "cpu(0)", "processor": "A processor of 64 cores and a long name"},
    "seconds": {"data": 0.17, "fit": 1234.56},
}
RECIPE = "".join(
    f"option_{i}: {{name: something, value: {i}, and: more of the same}}\n" for i in range(20)
)


@pytest.fixture
def results(make_results):
    """Runs of ten classes that have much right, some of it with little confidence."""

    def make(name, seed):
        random = np.random.default_rng(seed)
        labels = np.arange(600) % 10
        logits = random.normal(0, 1.2, (600, 10)) + 4 * np.eye(10)[labels]
        return make_results(logits, labels, name=name, record=RECORD, recipe=RECIPE)

    return make


@pytest.fixture
def report(results) -> Path:
    made = results("20261126T110755Z-1cca89", 1)
    write_report(made, pytest.fail)
    return made.folder.report_file


@pytest.fixture
def comparison(results, tmp_path) -> Path:
    made = [results(f"20261126T110755Z-{seed}cca89", seed) for seed in (1, 2, 3)]
    runs = dict(zip(run_names(made), made))
    path = tmp_path / "compare.html"
    path.write_text(compare_page(Comparison(runs, pairs(runs)), {}), encoding="utf-8")
    return path


@pytest.fixture(params=["report", "comparison"])
def either(request) -> Path:
    return request.getfixturevalue(request.param)


@pytest.fixture
def show(browser):
    """Open a file in a window so wide."""
    contexts = []

    def show(path, width, scheme="light"):
        phone = width < 500
        context = browser.new_context(
            viewport={"width": width, "height": 844},
            color_scheme=scheme,
            is_mobile=phone,
            has_touch=phone,
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(path.as_uri())
        if folder := os.environ.get("MXDIGITS_PAGE_SHOTS"):
            name = f"{path.stem}-{scheme}-{width}.png"
            page.screenshot(path=Path(folder) / name, full_page=True)
        return page

    yield show
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_a_page_is_no_wider_than_its_window(show, either, width):
    page = show(either, width)
    page.evaluate("() => document.querySelectorAll('details').forEach((each) => each.open = true)")
    assert page.evaluate("() => document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_percentage_is_broken_in_two(show, either, width):
    lines = show(either, width).evaluate(
        r"""() => {
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            const found = [];
            for (let node; (node = walker.nextNode());) {
                for (const match of node.data.matchAll(/[\d.]+\s%/g)) {
                    const range = document.createRange();
                    range.setStart(node, match.index);
                    range.setEnd(node, match.index + match[0].length);
                    found.push(new Set([...range.getClientRects()].map((box) => box.y)).size);
                }
            }
            return found;
        }"""
    )
    assert len(lines) > 20
    assert set(lines) <= {0, 1}  # none where it is folded


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_what_can_be_scrolled_has_a_shadow_at_that_side(show, report, width, scheme):
    page = show(report, width, scheme)
    scrolled = 0
    for part in page.locator(".scroll, pre").all():
        if not part.is_visible():
            continue
        room = part.evaluate("(node) => node.scrollWidth - node.clientWidth")
        scrolled += room > 0
        assert shadows(part) == (False, room > 0)
        part.evaluate("(node) => node.scrollLeft = 1e6")
        # At a phone's left edge stands the column of names, which does not scroll.
        assert shadows(part)[1] is False
    assert (scrolled > 2) == (width == 320)


def shadows(part) -> tuple[bool, bool]:
    """Whether a part is shaded at its left and at its right edge, beside what it holds."""
    with Image.open(BytesIO(part.screenshot())) as picture:
        rows = np.asarray(picture.convert("L")).astype(int)[4:-4]
    inside = np.median(rows)  # most is paper
    return tuple(bool(abs(np.median(rows[:, at]) - inside) > 20) for at in (2, -3))


@pytest.mark.parametrize(("width", "line"), [(320, 16), (390, 16), (768, 32), (1280, 32)])
def test_a_hash_is_shown_whole_and_in_equal_lines(show, report, width, line):
    page = show(report, width)
    page.click("a[href='#environment']")  # which opens what is folded
    for digest in HASHES.values():
        code = page.locator("code", has_text=digest)
        assert code.is_visible()
        assert code.inner_text() == digest
        rows = code.evaluate(
            """(code) => {
                const range = document.createRange(), text = code.firstChild, rows = {};
                for (let i = 0; i < text.length; i++) {
                    range.setStart(text, i);
                    range.setEnd(text, i + 1);
                    const y = range.getBoundingClientRect().y;
                    rows[y] = (rows[y] || 0) + 1;
                }
                return Object.values(rows);
            }"""
        )
        assert rows == [line] * (64 // line)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_pale_can_be_read(show, report, scheme):
    page = show(report, 1280, scheme)
    few, paper = (
        page.evaluate(f"() => getComputedStyle(document.querySelector('{what}')).{which}")
        for what, which in ((".few td", "color"), ("body", "backgroundColor"))
    )
    assert contrast(few, paper) >= 4.5


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of two colours, such as ``rgb(1, 2, 3)``."""
    light = []
    for text in (one, other):
        channels = [int(c) / 255 for c in text[text.index("(") + 1 : -1].split(",")[:3]]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        light.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    return (max(light) + 0.05) / (min(light) + 0.05)


# Print


@pytest.fixture
def printed(show, tmp_path):
    """The text of each page of paper, so high in millimetres."""
    if shutil.which("pdftotext") is None:
        pytest.skip("there is no pdftotext")

    def printed(path, height):
        file = tmp_path / "print.pdf"
        show(path, 1280).pdf(path=file, width="210mm", height=f"{height}mm")
        done = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True)
        return done.stdout.decode().split("\f")

    return printed


@pytest.mark.parametrize("height", range(180, 420, 40))
def test_no_heading_is_parted_from_what_it_heads(printed, report, height):
    pages = printed(report, height)
    assert not any("Written by mxdigits" in page for page in pages)  # perhaps a page of its own
    for heading, with_it in (
        ("Curves", "epoch"),
        ("The worst mistakes", "said"),
        ("Confusion", "Rows: the true class."),
        ("By class", "most often taken for"),
        ("Calibration", "at the mean confidence"),
        ("Speed", "stage: fit"),
        ("Environment and hashes", "versions"),
    ):
        (page,) = (text for text in pages if f"\n{heading}\n" in f"\n{text}\n")
        _, _, after = page.partition(heading)
        assert with_it in after, heading
