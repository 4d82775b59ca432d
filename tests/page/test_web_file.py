"""The file that ``mxdigits export --format web`` writes, opened from disk and offline.

It needs what tests/page/test_page.py needs, and onnx and onnxruntime.
"""

from __future__ import annotations

import base64
import json
import urllib.request

import numpy as np
import pytest
from drawing import (
    DESK,
    DRAWN,
    PHONE,
    SEVEN,
    asked_why,
    draw,
    evidence_over,
    file_of,
    picture_of,
    seen,
    settled,
    shot,
    transfer,
    until,
)
from pictures import KINDS, pictures
from serving import serving
from sums import network

pytest.importorskip("onnxruntime", reason="the format web needs onnxruntime")

from mxdigits.digitize.mnist_form import digitize, open_picture
from mxdigits.digitize.preprocessing import Preprocessing
from mxdigits.export.export import ExportRequest, export, jobs
from mxdigits.export.formats import ExportOptions
from mxdigits.export.source import run_source
from mxdigits.export.web.web import Web
from mxdigits.predict.opening import EvaluationRequest

pytestmark = pytest.mark.page


def unheard(text: str) -> None:
    pass


@pytest.fixture(scope="session")
def file(run, tmp_path_factory):
    """A run as a file."""
    source = run_source(run, EvaluationRequest(), unheard)
    options = ExportOptions(17, 0, source.training_images, unheard)
    (job,) = jobs("digits", ExportRequest(["web"], tmp_path_factory.mktemp("web")))
    list(export(source, [job], options, 1e-4))
    return job.target


@pytest.fixture
def open_file(browser, file):
    """Open the file without a network; what it complains of, or asks of others, fails the test."""
    contexts, complaints, asked = [], [], []

    def open_(**options):
        context = browser.new_context(**{**DESK, **options}, offline=True)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        page.wait_for_selector("#bars li")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []
    assert [url for url in asked if not url.startswith((file.as_uri(), "blob:"))] == []


def answer_of(page, content: bytes) -> dict:
    """What the network in the page says of a picture."""
    return page.evaluate(
        """async (base64) => {
            const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
            return network.predict(new Blob([bytes])).catch((error) => ({error: error.message}));
        }""",
        base64.b64encode(content).decode(),
    )


def test_the_file_is_small_enough_to_be_sent_around(file):
    assert file.stat().st_size < 6_000_000


def test_it_answers_as_the_server_does(open_file, run):
    page = open_file()
    with serving(run, "--rate", "0") as server:
        for digits in DRAWN.values():
            for digit, strokes in digits.items():
                draw(page, strokes)
                answer = settled(page)
                sent = page.evaluate(
                    """async () => {
                        const bytes = new Uint8Array(await (await sent()).arrayBuffer());
                        return btoa(String.fromCharCode(...bytes));
                    }"""
                )
                picture = base64.b64decode(sent)
                here = answer_of(page, picture)
                with urllib.request.urlopen(f"{server.url}predict", picture) as reply:
                    there = json.load(reply)
                assert answer == here["answer"] == there["answer"], digit
                assert here["pixels"] == there["pixels"]
                assert here["probabilities"] == pytest.approx(there["probabilities"], abs=1e-4)
                page.click("#clear")


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_are_digitized_as_by_python(open_file, kind):
    page = open_file()
    far = inked = 0
    for picture in pictures(kind, 50):
        wanted = digitize(open_picture(picture))
        found = answer_of(page, picture)
        if wanted.max() > 16:
            inked += 1
            far += np.sum(abs(np.subtract(found["pixels"], wanted, dtype=float)) > 1)
        else:
            assert "error" in found
    assert inked > 20 or kind == "empty"
    assert far <= 0.01 * 50 * 28 * 28


@pytest.mark.parametrize("digit", ["7", "4"])
def test_why_colours_the_pixels_as_python_does(open_file, run, digit):
    page = open_file()
    draw(page, DRAWN["upright"][digit])
    assert settled(page) == digit
    grey = seen(page)
    explained = asked_why(page)
    assert page.text_content("#caption") == f"Orange: for {digit}. Blue: against."
    np.testing.assert_allclose(explained, evidence_over(grey, run, int(digit)), atol=2)
    assert (explained[..., 0] > explained[..., 2] + 100).any()  # orange
    shot(page, f"file-why-{digit}")
    page.click("#why")
    np.testing.assert_array_equal(seen(page), grey)


def test_pictures_are_opened_dropped_and_pasted(open_file, tmp_path):
    page = open_file()
    page.set_input_files("#file", file_of(picture_of(SEVEN), tmp_path))
    until(page, "picture !== null")
    assert settled(page) == "7"
    dropped = transfer(page, file_of(picture_of(DRAWN["upright"]["3"]), tmp_path, "3.png"))
    page.dispatch_event("#pad", "drop", {"dataTransfer": dropped})
    until(page, "picture.blob.name === '3.png'")
    assert settled(page) == "3"
    pasted = transfer(page, file_of(picture_of(DRAWN["slanted"]["5"], side=5000), tmp_path))
    page.evaluate(
        """(clipboardData) => document.body.dispatchEvent(
            new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}))""",
        pasted,
    )
    until(page, "picture.bitmap.width === 5000")
    assert settled(page) == "5"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        (
            "notes.txt",
            b"nothing to see",
            "the picture: this browser cannot read it; a PNG, JPEG, WebP, BMP or GIF it can",
        ),
        ("white.pgm.png", None, "there is no digit in the picture"),
    ],
)
def test_a_picture_without_a_digit_is_answered_with_a_sentence(
    open_file, tmp_path, name, content, told
):
    page = open_file()
    if content is None:
        file_of(picture_of([]), tmp_path, name)
    else:
        (tmp_path / name).write_bytes(content)
    page.set_input_files("#file", tmp_path / name)
    page.wait_for_selector("#problem:not(:empty)")
    assert page.inner_text("#problem") == told
    draw(page, SEVEN)
    assert settled(page) == "7"
    assert page.inner_text("#problem") == ""


def test_a_network_of_another_form_gets_what_its_run_says(browser, tmp_path):
    shape = (3, 12, 10)
    form = ExportOptions(17, 0, lambda most: None, unheard)
    target = tmp_path / "sums.html"
    Web().write(network(shape, preprocessing="none"), target, form)
    page = browser.new_page()
    page.goto(target.as_uri())
    draw(page, SEVEN)
    assert settled(page) == "light"
    assert page.evaluate("() => [seen.height, seen.width]") == [12, 10]
    assert (asked_why(page)[..., 0] > 0).any()
    assert page.get_attribute("#seen", "aria-label").startswith("The 12 by 10 pixels")
    (picture,) = pictures("coloured", 1)
    image = Preprocessing("none", shape).image(open_picture(picture))
    found = answer_of(page, picture)
    np.testing.assert_allclose(found["pixels"], image[0], atol=1)
    (shares,) = Web().load(target)(image[None].astype(np.float32) / 255)
    assert list(found["probabilities"].values()) == pytest.approx(shares, abs=1e-4)
    page.close()


def test_without_a_server_nothing_is_kept_and_no_api_is_offered(open_file, run):
    page = open_file()
    draw(page, SEVEN)
    assert settled(page) == "7"
    assert not page.is_visible("#correction")
    assert page.inner_text("footer p") == (
        f"Network: {run.parent.name}/{run.name}. The network is in this file: nothing is sent. "
        "Licences"
    )


def test_the_licences_of_what_runs_the_network_can_be_read(open_file):
    page = open_file()
    page.wait_for_selector("#licences[target]")
    with page.context.expect_page() as opened:
        page.click("#licences")
    text = opened.value.inner_text("body")
    assert text.startswith("ONNX Runtime Web\n\nMIT License\n")
    assert "protobuf" in text


def test_a_browser_that_lacks_what_the_network_needs_says_so(browser, file):
    context = browser.new_context(**DESK)
    context.add_init_script("delete globalThis.DecompressionStream")
    page = context.new_page()
    page.goto(file.as_uri())
    draw(page, SEVEN)
    page.wait_for_selector("#problem:not(:empty)")
    assert page.inner_text("#problem") == (
        "This browser cannot run the network: DecompressionStream is not defined"
    )
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_it_fits_as_the_servers_page_does(open_file, width, scheme):
    size = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    page = open_file(**{**(PHONE if width < 1000 else {}), **size})
    draw(page, DRAWN["upright"]["8"])
    assert settled(page) == "8"
    shot(page, f"file-{scheme}-{width}")
    assert page.evaluate("() => document.documentElement.scrollWidth") == width
