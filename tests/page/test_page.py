"""The page in a browser, before a network trained on MNIST. A few minutes: run with -m page.

Needs Playwright and a Chromium on the PATH (Debian's ``chromium``). MXDIGITS_PAGE_RUN names a run
folder to use instead of training LeNet first; the screenshots go to MXDIGITS_PAGE_SHOTS, if set.
"""

from __future__ import annotations

import base64
import re
import urllib.request

import numpy as np
import pytest
from drawing import (
    DESK,
    DRAWN,
    PHONE,
    SEVEN,
    asked_why,
    contrast,
    draw,
    evidence_over,
    file_of,
    luminance,
    picture_of,
    seen,
    settled,
    shot,
    transfer,
    until,
)
from serving import serving

from mxdigits.digitize.mnist_form import digitize, open_picture

pytestmark = pytest.mark.page


@pytest.fixture(scope="session")
def server(run, tmp_path_factory):
    store = tmp_path_factory.mktemp("store")
    with serving(run, "--rate", "0", "--store", store) as started:
        started.store = store
        yield started


@pytest.fixture
def open_page(browser, server):
    """Open the page in a window of its own; what it complains of fails the test."""
    contexts, complaints = [], []

    def note(text):
        # Chromium notes every answer of 422: also that a stroke just begun is no digit.
        if "422 (Unprocessable Entity)" not in text:
            complaints.append(text)

    def open_(**options):
        context = browser.new_context(**(options or DESK))
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: note(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: page.asked.append(request.url))
        page.asked, page.complaints = [], complaints
        page.goto(server.url)
        page.wait_for_selector("#labels button", state="attached")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


# Drawing


def test_digits_drawn_by_the_pointer_are_read(open_page):
    page = open_page()
    read = {}
    for hand, digits in DRAWN.items():
        for digit, strokes in digits.items():
            draw(page, strokes)
            read[hand, digit] = settled(page)
            shot(page, f"drawn-{hand}-{digit}")
            page.click("#clear")
    wrong = {key: answer for key, answer in read.items() if answer != key[1]}
    assert len(read) == 20
    assert len(wrong) <= 2, wrong


def test_the_answer_follows_every_stroke(open_page):
    page = open_page()
    assert page.inner_text("#sure") == "Nothing drawn yet"
    draw(page, SEVEN)
    assert settled(page) == "7"
    assert page.inner_text("#answer") == "7"
    assert re.fullmatch(r"(> )?\d+\.\d % sure", page.inner_text("#sure"))
    shares = page.locator("#bars .share").all_inner_texts()
    assert len(shares) == 10
    assert sum(float(share.strip("> %")) for share in shares) == pytest.approx(100, abs=0.6)
    assert page.locator("#bars .best .name").all_inner_texts() == ["7"]
    page.click("#undo")
    assert settled(page) == ""
    assert page.inner_text("#sure") == "Nothing drawn yet"


def test_the_page_shows_what_the_network_receives(open_page):
    page = open_page()
    with page.expect_response("**/predict") as asked:
        draw(page, [[(0.3, 0.5), (0.7, 0.5)]])
        settled(page)
    draw(page, SEVEN)
    settled(page)
    with page.expect_response("**/predict") as asked:
        page.mouse.down()
        page.mouse.up()
    received = np.array(asked.value.json()["pixels"])
    settled(page)
    shown = page.evaluate("() => [...seen.getContext('2d').getImageData(0, 0, 28, 28).data]")
    np.testing.assert_array_equal(np.reshape(shown, (28, 28, 4))[..., 0], received)
    assert received.max() > 200


def test_why_colours_the_pixels_until_something_changes(open_page, run):
    page = open_page()
    assert not page.is_visible("#why")
    draw(page, SEVEN)
    settled(page)
    grey = seen(page)
    assert (grey == grey[..., :1]).all()
    explained = asked_why(page)
    assert page.text_content("#caption") == "Orange: for 7. Blue: against."
    assert page.get_attribute("#why", "aria-pressed") == "true"
    np.testing.assert_allclose(explained, evidence_over(grey, run, 7), atol=2)
    shot(page, "why")
    page.click("#why")
    np.testing.assert_array_equal(seen(page), grey)
    assert page.get_attribute("#why", "aria-pressed") == "false"
    asked_why(page)
    draw(page, [[(0.2, 0.5), (0.8, 0.5)]])
    until(page, "document.querySelector('#caption').textContent.startsWith('What')")
    assert page.get_attribute("#why", "aria-pressed") == "false"


def test_a_slow_answer_is_waited_for_in_words(open_page):
    page, held = open_page(), []
    page.route("**/predict", lambda route: route.fallback() if held else held.append(route))
    draw(page, SEVEN)
    until(page, "$('sure').textContent === 'Waiting for the answer…'")
    assert page.inner_text("#answer") == "–"
    shot(page, "waiting")
    held[0].continue_()
    assert settled(page) == "7"
    assert page.inner_text("#sure").endswith(" sure")


def test_undo_takes_the_last_stroke_back(open_page):
    page = open_page()
    draw(page, DRAWN["upright"]["4"])
    assert settled(page) == "4"
    page.keyboard.press("Control+z")
    settled(page)
    assert page.evaluate("() => strokes.length") == 1
    page.keyboard.press("Control+z")
    assert settled(page) == ""


def test_a_pen_draws_by_its_pressure(open_page):
    page = open_page()
    widths = page.evaluate(
        """() => {
            const box = pad.getBoundingClientRect();
            const send = (type, x, pressure) => pad.dispatchEvent(new PointerEvent(type, {
                pointerId: 9, pointerType: "pen", button: 0, pressure,
                clientX: box.x + x * box.width, clientY: box.y + box.height / 2}));
            pad.setPointerCapture = () => {};
            send("pointerdown", 0.3, 0.2);
            send("pointermove", 0.5, 0.5);
            send("pointermove", 0.7, 1);
            send("pointerup", 0.7, 0);
            return strokes[0].map((point) => point[2]);
        }"""
    )
    assert widths == pytest.approx([0.057, 0.075, 0.105])
    settled(page)


# What is said


def answered(page, confidence: float, answer: str = "8") -> None:
    """Draw something before a server that answers with this confidence."""
    rest = (1 - confidence) / 9
    shares = {str(digit): confidence if str(digit) == answer else rest for digit in range(10)}
    reply = {
        "answer": answer,
        "confidence": confidence,
        "probabilities": shares,
        "pixels": [[0] * 28] * 28,
        "digits": 1,
    }
    page.route("**/predict", lambda route: route.fulfill(json=reply))
    draw(page, SEVEN)
    assert settled(page) == answer


@pytest.mark.parametrize(
    ("confidence", "sure", "share", "spoken"),
    [
        (1.0, "> 99.9 % sure", "> 99.9 %", "8, over 99.9 % sure"),
        (0.9996, "> 99.9 % sure", "> 99.9 %", "8, over 99.9 % sure"),
        (0.9994, "99.9 % sure", "99.9 %", "8, 99.9 % sure"),
        (0.5, "50.0 % sure", "50.0 %", "8, 50.0 % sure"),
        (0.499, "Not sure: 49.9 %", "49.9 %", "8, Not sure: 49.9 %"),
    ],
)
def test_how_sure_it_is_has_one_form(open_page, confidence, sure, share, spoken):
    page = open_page()
    answered(page, confidence)
    assert page.inner_text("#sure") == sure
    assert page.inner_text("#bars .best .share") == share
    until(page, "$('spoken').textContent !== ''")
    assert page.inner_text("#spoken") == spoken


@pytest.mark.parametrize(("confidence", "muted"), [(0.42, True), (0.9, False)])
def test_an_answer_that_is_not_sure_is_muted(open_page, confidence, muted):
    page = open_page()
    answered(page, confidence)
    shot(page, f"answer-of-{confidence}")
    styles = "() => ['answer', 'sure'].map((id) => getComputedStyle($(id)).color)"
    answer, soft = page.evaluate(styles)
    assert (answer == soft) == muted


def test_the_pad_says_what_to_do_until_something_is_on_it(open_page):
    page = open_page()
    assert page.inner_text("#hint") == "Draw a digit here"
    assert page.is_visible("#hint")
    draw(page, SEVEN)
    assert not page.is_visible("#hint")
    page.click("#clear")
    assert page.is_visible("#hint")
    page.focus("#pad")
    page.keyboard.press("ArrowUp")  # the pen is shown in its place
    assert not page.is_visible("#hint")


def test_the_picture_of_the_pixels_has_a_caption(open_page):
    page = open_page()
    assert page.inner_text("figcaption") == "What the network sees"
    seen, caption = (page.locator(each).bounding_box() for each in ("#seen", "figcaption"))
    assert seen["y"] + seen["height"] <= caption["y"]


@pytest.mark.parametrize(
    "names",
    [
        "a 0, a 1, an 8, an 11, a 12, an 18, an 80, a 110, a 180",
        "an F, a b, an x, a U, an ankle boot, a one, an eight, a uniform, an umbrella",
    ],
)
def test_a_label_is_called_by_its_article(open_page, names):
    page = open_page()
    for wanted in names.split(", "):
        name = wanted.partition(" ")[2]
        assert page.evaluate("(name) => withArticle(name)", name) == wanted


def test_a_server_that_answers_in_another_tongue_is_put_into_words(open_page):
    page = open_page()
    page.route("**/predict", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    draw(page, SEVEN)
    page.wait_for_selector("#problem:not(:empty)")
    assert page.inner_text("#problem") == "The server failed (502)."
    page.close()  # the rest of the drawing may be answered by a 502 too
    page.complaints.clear()  # Chromium's own notes of the 502


# Pictures


def test_an_empty_file_is_not_sent(open_page, tmp_path):
    page = open_page()
    (tmp_path / "seven.png").touch()
    page.set_input_files("#file", tmp_path / "seven.png")
    page.wait_for_selector("#problem:not(:empty)")
    assert page.inner_text("#problem") == "seven.png is empty: choose a picture."


def test_a_picture_is_opened(open_page, tmp_path):
    page = open_page()
    page.set_input_files("#file", file_of(picture_of(SEVEN), tmp_path))
    until(page, "picture !== null")
    assert settled(page) == "7"
    shot(page, "opened")
    draw(page, DRAWN["upright"]["4"])  # a stroke begins a drawing in the picture's place
    assert settled(page) == "4"
    page.set_input_files("#camera", file_of(picture_of(DRAWN["slanted"]["2"]), tmp_path))
    until(page, "picture !== null")
    assert settled(page) == "2"


def test_a_picture_is_dropped(open_page, tmp_path):
    page = open_page()
    file = file_of(picture_of(DRAWN["upright"]["3"]), tmp_path, "three.jpg")
    dropped = transfer(page, file, "image/jpeg")
    page.dispatch_event("#pad", "dragover", {"dataTransfer": dropped})
    assert "over" in page.get_attribute("body", "class")
    page.dispatch_event("#pad", "drop", {"dataTransfer": dropped})
    until(page, "picture !== null")
    assert settled(page) == "3"
    assert page.get_attribute("body", "class") == ""


def test_a_picture_is_pasted(open_page, tmp_path):
    page = open_page()
    pasted = transfer(page, file_of(picture_of(DRAWN["slanted"]["5"]), tmp_path))
    page.evaluate(
        """(clipboardData) => document.body.dispatchEvent(
            new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}))""",
        pasted,
    )
    until(page, "picture !== null")
    assert settled(page) == "5"


def test_a_large_photograph_is_made_smaller_before_it_is_sent(open_page, tmp_path):
    page = open_page()
    file = file_of(picture_of(SEVEN, side=5000), tmp_path)  # 25 megapixels; the server takes 16
    page.set_input_files("#file", file)
    until(page, "picture !== null")
    assert settled(page) == "7"
    assert page.inner_text("#problem") == ""


def test_a_file_that_is_no_picture_is_answered_with_a_sentence(open_page, tmp_path):
    page = open_page()
    (tmp_path / "notes.txt").write_text("nothing to see")
    page.set_input_files("#file", tmp_path / "notes.txt")
    page.wait_for_selector("#problem:not(:empty)")
    assert page.inner_text("#problem") == (
        "the picture: not a picture (PNG, JPEG, TIFF, WebP, BMP, GIF, PNM)"
    )
    assert not page.is_visible("#answer")
    draw(page, SEVEN)
    assert settled(page) == "7"
    assert page.inner_text("#problem") == ""


# Correcting


def test_a_corrected_digit_is_kept_with_its_label(open_page, server):
    page = open_page()
    assert not page.is_visible("#correction")
    draw(page, DRAWN["slanted"]["1"])
    settled(page)
    assert page.locator("#labels button").all_inner_texts() == list("0123456789")
    before = set(server.store.glob("train/*/*.png"))
    with page.expect_response("**/digits?label=7") as asked:
        page.click("#labels button:text-is('7')")
    (kept,) = set(server.store.glob("train/*/*.png")) - before
    assert kept == server.store / asked.value.json()["path"]
    assert kept.parent == server.store / "train" / "7"
    page.wait_for_selector("#kept:not(:empty)")
    assert page.inner_text("#kept") == (
        f"Kept as 7. {len(before) + 1} {'digits' if before else 'digit'} so far."
    )
    shot(page, "kept")
    shown = page.evaluate("() => [...seen.getContext('2d').getImageData(0, 0, 28, 28).data]")
    np.testing.assert_array_equal(
        digitize(open_picture(kept)), np.reshape(shown, (28, 28, 4))[..., 0]
    )
    page.click("#labels button:text-is('1')")  # on second thoughts
    until(page, "$('kept').textContent.startsWith('Kept as 1.')")
    assert not kept.exists()
    assert (server.store / "train" / "1" / kept.name).is_file()
    draw(page, SEVEN)  # the next stroke begins the next digit
    assert settled(page) == "7"
    assert page.evaluate("() => strokes.length") == 1


def test_without_a_store_nothing_is_asked(run, browser):
    with serving(run) as started:
        page = browser.new_context(**DESK).new_page()
        page.goto(started.url)
        draw(page, SEVEN)
        assert settled(page) == "7"
        assert not page.is_visible("#correction")
        started.stop()
        page.click("#clear")
        draw(page, SEVEN)
        page.wait_for_selector("#problem:not(:empty)")
        assert page.inner_text("#problem") == ("The server does not answer. Is it still running?")
        page.context.close()


# Keys and screen readers


def test_everything_is_done_by_keys(open_page, server):
    page = open_page()
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.id") == "pad"
    for keys in ("ArrowUp " * 6, "ArrowLeft " * 3, "Space", "ArrowRight " * 7, "ArrowDown " * 13):
        for key in keys.split():
            page.keyboard.press(key)
    assert page.inner_text("#spoken") == "Pen down"
    page.keyboard.press("Space")
    assert settled(page) == "7"
    shot(page, "keys")
    until(page, "$('spoken').textContent.endsWith(' sure')")
    assert page.inner_text("#spoken").startswith("7, ")
    reached = []
    for _ in range(4):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("() => document.activeElement.id || document.activeElement.textContent")
        )
    assert reached == ["clear", "undo", "open", "why"]
    for _ in range(8):
        page.keyboard.press("Tab")
    with page.expect_response("**/digits?label=7"):
        page.keyboard.press("Enter")
    page.focus("#pad")
    page.keyboard.press("Escape")
    assert settled(page) == ""
    page.keyboard.press("Space")
    page.keyboard.press("Space")
    settled(page)
    page.keyboard.press("Backspace")
    assert settled(page) == ""


def test_everything_has_a_name(open_page):
    page = open_page()
    draw(page, SEVEN)
    settled(page)
    tree = page.locator("body").aria_snapshot()
    for line in (
        '- heading "Draw a digit" [level=1]',
        '- application "Drawing pad"',
        '- button "Clear"',
        '- button "Undo"',
        '- button "Open a picture"',
        '- img "The 28 by 28 pixels that the network receives"',
        '- list "Probabilities"',
        "- text: What the network sees",
        '- group "Wrong? Tap the right digit"',
        *(f'- button "It is {"an" if digit == 8 else "a"} {digit}"' for digit in range(10)),
    ):
        assert line in tree
    assert page.get_attribute("html", "lang") == "en"
    described = page.get_attribute("#pad", "aria-describedby")
    assert page.text_content(f"#{described}").startswith("Keys, on the pad: arrows move the pen")
    assert page.get_attribute("#spoken", "aria-live") == "polite"


# Windows


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone_it_fits_and_fingers_draw(open_page, width):
    page = open_page(**{**PHONE, "viewport": {"width": width, "height": 844}})
    touches = page.context.new_cdp_session(page)
    box = page.locator("#pad").bounding_box()
    (stroke,) = SEVEN
    for i, (x, y) in enumerate([*stroke, stroke[-1]]):
        kind = "touchStart" if not i else "touchEnd" if i == len(stroke) else "touchMove"
        at = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
        points = [] if kind == "touchEnd" else [at]
        touches.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert settled(page) == "7"
    shot(page, f"phone-{width}")
    assert page.evaluate("() => scrollY") == 0
    assert page.evaluate("() => document.documentElement.scrollWidth") == width
    for wanted in ("#pad", "#answer", "#seen", "#bars"):
        found = page.locator(wanted).bounding_box()
        assert found["y"] >= 0, wanted
        assert found["y"] + found["height"] <= 844, wanted
    for button in page.locator("button:visible").all():
        found = button.bounding_box()
        assert found["height"] >= 44, button.inner_text()
        assert found["width"] >= 40, button.inner_text()
    assert page.is_visible("#photograph")


@pytest.mark.parametrize("width", [188, 250, 320])  # 188: a phone of 375 with text twice as large
def test_with_large_text_nothing_lies_on_anything(open_page, width):
    page = open_page(**{**PHONE, "viewport": {"width": width, "height": 600}})
    draw(page, SEVEN)
    assert settled(page) == "7"
    shot(page, f"large-text-{width}")
    assert page.evaluate("() => document.documentElement.scrollWidth") == width
    for group in (".buttons button:visible", "#labels button", "#bars .name, #bars .share"):
        boxes = [each.bounding_box() for each in page.locator(group).all()]
        for i, one in enumerate(boxes):
            for other in boxes[i + 1 :]:
                beside = (
                    one["x"] + one["width"] <= other["x"] + 1
                    or other["x"] + other["width"] <= one["x"] + 1
                    or one["y"] + one["height"] <= other["y"] + 1
                    or other["y"] + other["height"] <= one["y"] + 1
                )
                assert beside, (group, one, other)


WINDOWS = [(320, 640), (390, 844), (768, 1024), (844, 390), (1280, 800), (1366, 600)]


def window(width, height):
    size = {"viewport": {"width": width, "height": height}}
    return {**(DESK if width > 1000 else PHONE), **size}


@pytest.mark.parametrize(("width", "height"), WINDOWS)
def test_the_pad_begins_where_the_title_and_the_buttons_do(open_page, width, height):
    page = open_page(**window(width, height))
    # On its side a phone shows no title.
    wanted = ["#pad", "#clear", "footer"] + ["h1"] * page.is_visible("h1")
    left = {round(page.locator(each).bounding_box()["x"], 1) for each in wanted}
    assert len(left) == 1


@pytest.mark.parametrize(("width", "height"), WINDOWS)
def test_nothing_jumps(open_page, tmp_path, width, height):
    page = open_page(**window(width, height))
    parts = ["#pad", "#seen", "#bars", "#bars li:last-child .track", "#reading", "footer"]
    places = []
    (tmp_path / "notes.txt").write_text("nothing to see")
    for state in ("empty", "answer", "error", "kept"):
        if state == "answer":
            answered(page, 1.0)
        elif state == "error":
            page.unroute("**/predict")
            page.set_input_files("#file", tmp_path / "notes.txt")
            page.wait_for_selector("#problem:not(:empty)")
        elif state == "kept":
            page.click("#clear")
            answered(page, 0.3)
            page.click("#labels button:text-is('7')")
            page.wait_for_selector("#kept:not(:empty)")
        page.evaluate("() => scrollTo(0, 0)")  # a click may have scrolled
        shot(page, f"{width}-{state}")
        cut = "(share) => share.scrollWidth > share.clientWidth"
        assert not page.evaluate(f"() => [...document.querySelectorAll('.share')].some({cut})")
        assert page.is_visible("#correction") == (state in ("answer", "kept"))
        places.append({part: page.locator(part).bounding_box() for part in parts})
    assert places[1:] == places[:1] * 3
    assert page.evaluate("() => document.documentElement.scrollWidth") == width


@pytest.mark.parametrize(("width", "height"), [(320, 640), (390, 844), (844, 390)])
def test_four_buttons_are_one_row(open_page, width, height):
    page = open_page(**window(width, height))
    boxes = [button.bounding_box() for button in page.locator(".buttons button").all()]
    assert len(boxes) == 4
    assert len({box["y"] for box in boxes}) == 1
    assert all(box["width"] >= 44 <= box["height"] for box in boxes)


def test_a_phone_on_its_side(open_page):
    page = open_page(**{**PHONE, "viewport": {"width": 844, "height": 390}, "color_scheme": "dark"})
    draw(page, SEVEN)
    assert settled(page) == "7"
    shot(page, "phone-on-its-side")
    for wanted in ("#pad", "#answer", "#seen", "#bars", "#clear"):
        found = page.locator(wanted).bounding_box()
        assert found["y"] + found["height"] <= 390, wanted


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_can_be_read(open_page, scheme):
    page = open_page(**DESK, color_scheme=scheme)
    draw(page, DRAWN["slanted"]["4"])
    settled(page)
    shot(page, scheme)
    page.evaluate("() => { $('answer').className = 'unsure'; told('a fault', true); }")
    ground = luminance(page, "body", "backgroundColor")
    assert (ground < 0.1) == (scheme == "dark")
    for what, below in (
        ("h1", "body"),
        ("#help", "body"),
        ("footer p", "body"),
        ("footer a", "body"),
        ("#answer", "#reading"),
        ("#sure", "#reading"),
        ("#hint", "#pad"),
        ("figcaption", "#reading"),
        ("#answer.unsure", "#reading"),
        ("#problem", "#reading"),
        ("#kept.failed", "#reading"),
        ("#bars .share", "#reading"),
        ("#clear", "#clear"),
    ):
        ratio = contrast(luminance(page, what, "color"), luminance(page, below, "backgroundColor"))
        assert ratio >= 4.5, (what, ratio)


# Safety


def test_the_page_asks_nobody_but_its_server(open_page, server):
    page = open_page()
    draw(page, SEVEN)
    settled(page)
    outside = [url for url in page.asked if not url.startswith((server.url, "data:", "blob:"))]
    assert outside == []
    assert f"{server.url}predict" in page.asked


def test_a_script_that_is_not_the_pages_own_is_not_run(open_page):
    page = open_page()
    ran = page.evaluate(
        """() => {
            const script = document.createElement("script");
            try { script.text = "window.ran = true"; document.body.append(script); } catch {}
            try { document.body.innerHTML += "<img src=x onerror='window.ran = true'>"; } catch {}
            return window.ran === true;
        }"""
    )
    assert ran is False
    assert page.complaints
    assert all(
        "Content Security Policy" in text or "TrustedScript" in text or "TrustedHTML" in text
        for text in page.complaints
    )
    page.complaints.clear()


def test_another_sites_page_stores_nothing(browser, server, tmp_path):
    picture = file_of(picture_of(DRAWN["slanted"]["9"]), tmp_path).read_bytes()
    url = f"{server.url}digits?label=9"
    before = sorted(server.store.glob("train/*/*.png"))
    elsewhere = "http://127.0.0.1:9/"
    page = browser.new_context().new_page()
    page.route(elsewhere, lambda route: route.fulfill(body="<p>elsewhere</p>"))
    page.goto(elsewhere)
    refused = page.evaluate(
        """([url, base64]) => {
            const body = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
            return fetch(url, {method: "POST", body, mode: "no-cors"}).then(
                () => "answered", () => "refused");
        }""",
        [url, base64.b64encode(picture).decode()],
    )
    page.context.close()
    assert refused == "refused"
    assert sorted(server.store.glob("train/*/*.png")) == before
    with urllib.request.urlopen(url, picture) as answer:  # who is no browser may
        assert answer.status == 201
