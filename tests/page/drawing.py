"""What tests of the page do in the browser: draw, send pictures, wait, look."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import time
from pathlib import Path

import numpy as np
from PIL import Image

from mxdigits.predict.heat import heat
from mxdigits.predict.occlusion import occlusion
from mxdigits.predict.opening import EvaluationRequest, open_evaluator

DRAWN = json.loads(Path(__file__).with_name("digits.json").read_text())
SEVEN = DRAWN["upright"]["7"]
DESK = {"viewport": {"width": 1280, "height": 800}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 3,
    "has_touch": True,
    "is_mobile": True,
}


def draw(page, strokes):
    box = page.locator("#pad").bounding_box()
    for stroke in strokes:
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point)
        page.mouse.up()


def until(page, true: str) -> None:
    """Wait for an expression; Playwright's own way of it is eval(), which the page forbids."""
    deadline = time.monotonic() + 120
    while not page.evaluate(f"() => {true}"):
        assert time.monotonic() < deadline, f"not within 120 s: {true}"
        page.wait_for_timeout(20)


def settled(page) -> str:
    """The answer, once the page has asked for all that it shows; "" if there is none."""
    until(page, "!asking && !again")
    return page.evaluate("() => document.body.dataset.answer")


def shot(page, name):
    if folder := os.environ.get("MXDIGITS_PAGE_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def file_of(image: Image.Image, tmp_path, name="digit.png") -> Path:
    image.save(tmp_path / name)
    return tmp_path / name


def picture_of(strokes, side=600, ink=40, paper=215) -> Image.Image:
    """A digit as a photograph might show it: not in the middle, on paper that is not white."""
    from PIL import ImageDraw

    image = Image.new("L", (side, side), paper)
    for stroke in strokes:
        points = [(side * (0.1 + 0.6 * x), side * (0.2 + 0.6 * y)) for x, y in stroke]
        ImageDraw.Draw(image).line(points, fill=ink, width=side // 25, joint="curve")
    return image


def transfer(page, file: Path, kind="image/png"):
    """A DataTransfer in the page that holds a file."""
    return page.evaluate_handle(
        """([base64, name, type]) => {
            const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], name, {type}));
            return transfer;
        }""",
        [base64.b64encode(file.read_bytes()).decode(), file.name, kind],
    )


def luminance(page, what, which) -> float:
    """WCAG's relative luminance of a colour of an element."""
    text = page.locator(what).first.evaluate(f"(node) => getComputedStyle(node).{which}")
    channels = [int(number) / 255 for number in re.findall(r"\d+", text)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def seen(page) -> np.ndarray:
    """The picture of what the network receives, (28, 28, 3)."""
    url = page.evaluate("() => document.querySelector('#seen').toDataURL()")
    with Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def asked_why(page) -> np.ndarray:
    """The same once the page shows what its answer rests on."""
    page.click("#why")
    until(page, "document.querySelector('#caption').textContent.startsWith('Orange')")
    return seen(page)


def evidence_over(shown: np.ndarray, run: Path, label: int) -> np.ndarray:
    """What Python draws over such a picture for a class, by a run's network."""
    image = shown[None, ..., 0].astype(np.uint8)
    trainer = open_evaluator(run, EvaluationRequest(), print)
    return heat(image, occlusion(trainer.logits, image, label, step=2).evidence).astype(int)
