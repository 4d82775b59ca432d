"""python -m benchmarks.digits RUN: what digitizing gains, for docs/digits.md.

Test images of MNIST are made to look like people's pictures, encoded as files and read again. A
network classifies each of them twice: only resized to 28 x 28, and digitized. Then follow sheets of
many digits whose places are known, scikit-learn's load_digits, which others wrote and scanned, and
each style of the data set hands.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.arguments import count
from benchmarks.blanks import BLANK
from benchmarks.camera_cells import CELLS
from benchmarks.camera_pages import BENT_PAGES, CAMERA_PAGES
from benchmarks.hands_and_sizes import HELD
from benchmarks.others import OTHERS
from benchmarks.pictures import VARIANTS, encoded, resized
from benchmarks.rows import ROWS
from benchmarks.scenes import PAGES, SINGLE
from benchmarks.sheets import STYLES, Sheet, Tally, compare, make_sheet
from benchmarks.showing import show
from mxdigits.data.dataset import Split
from mxdigits.data.hands.dataset import written
from mxdigits.data.hands.styles import STYLES as HANDS
from mxdigits.data.mnist import mnist
from mxdigits.digitize.digits.likeness import weighted
from mxdigits.digitize.mnist_form import SIZE, Digit, digitize, open_picture
from mxdigits.digitize.preprocessing import MNIST, Preprocessing
from mxdigits.predict.opening import EvaluationRequest, open_evaluator

# Of these no more than one point of accuracy may be lost, and no more than a twentieth of
# a sheet's digits.
PROMISED = ("inverted", "scaled", "off_centre", "sixteen_bit", "alpha", "jpeg")
MOST_LOST, LEAST_FOUND = 0.01, 0.95

Styles = dict[str, Callable[..., Sheet]]

READ = Preprocessing(MNIST, (1, SIZE, SIZE))  # as predict reads pictures for a network of digits


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.digits", description=__doc__)
    parser.add_argument("run", type=Path, help="a run folder")
    parser.add_argument("--images", type=count, default=2000, help="test images a variant")
    parser.add_argument("--sheets", type=count, default=40, help="sheets a style")
    parser.add_argument("--hands", type=count, default=500, help="digits a style of writing")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--show", type=Path, metavar="FILE", help="only draw the picture of the docs"
    )
    settings = parser.parse_args()
    trainer = open_evaluator(settings.run, EvaluationRequest(), print)
    random = np.random.default_rng(settings.seed)
    test = mnist().test
    some = test[np.sort(random.choice(len(test), min(settings.images, len(test)), replace=False))]
    if settings.show is not None:
        show(trainer, some.images[:, 0], random, settings.show)
        return
    for line in chain(
        variants(trainer, some, random),
        surrounded(trainer, some, random),
        sheets(trainer, test, settings.sheets, random, _straight()),
        blank(settings.sheets, random),
        others(trainer, settings.sheets, random),
        foreign(trainer),
        hands(trainer, settings.hands, settings.seed),
        sheets(trainer, test, settings.sheets, np.random.default_rng(settings.seed), BENT_PAGES),
    ):
        print(line, flush=True)


def variants(trainer: Any, split: Split, random: np.random.Generator) -> Iterator[str]:
    clean = trainer.score(split).accuracy
    yield f"{len(split)} test images; as they are: {100 * clean:.2f} %\n"
    yield "| picture | as it is | digitized | below clean | ms |"
    yield "| --- | --: | --: | --: | --: |"
    for name, draw in VARIANTS.items():
        files = [draw(image, random) for image in split.images[:, 0]]
        before = trainer.score((_as_they_are(files), split.labels)).accuracy
        began = time.perf_counter()
        seen = np.stack([digitize(open_picture(file)) for file in files])
        took = 1000 * (time.perf_counter() - began) / len(files)
        after = trainer.score((seen, split.labels)).accuracy
        missed = name in PROMISED and clean - after > MOST_LOST
        shares = f"{100 * before:.2f} % | {100 * after:.2f} % | {100 * (clean - after):.2f}"
        yield f"| {name.replace('_', ' ')} | {shares}{' MISSED' * missed} | {took:.1f} |"


def _straight() -> Styles:
    """The styles of pages with straight lines."""
    return {
        **{style: partial(make_sheet, style=style) for style in STYLES},
        **{**PAGES, **ROWS, **CAMERA_PAGES, **HELD},
    }


def sheets(
    trainer: Any, split: Split, count: int, random: np.random.Generator, styles: Styles
) -> Iterator[str]:
    yield "\n| sheet | digits | found | in order | extra | right of those found |"
    yield "| --- | --: | --: | --: | --: | --: |"
    for style, make in styles.items():
        made = (make(split.images[:, 0], split.labels, random) for _ in range(count))
        yield _read_sheets(trainer, style, made)


def _read_sheets(trainer: Any, style: str, made: Iterator[Sheet]) -> str:
    tally, right = Tally(), 0
    for sheet in made:
        found = READ.digits(open_picture(sheet.file))
        if pairs := compare(sheet, [digit.box for digit in found], tally):
            images = np.stack([found[j].image for _, j in pairs])
            said = trainer.predict(images).argmax(axis=1)
            right += int((said == [sheet.labels[i] for i, _ in pairs]).sum())
    shares = (tally.found / tally.there, tally.in_order / tally.there)
    listed = " | ".join(f"{100 * share:.2f} %" for share in shares)
    missed = " MISSED" * (min(shares) < LEAST_FOUND)
    accuracy = f"{100 * right / max(tally.found, 1):.2f} %"
    return f"| {style} | {tally.there} | {listed}{missed} | {tally.extra} | {accuracy} |"


def surrounded(trainer: Any, split: Split, random: np.random.Generator) -> Iterator[str]:
    yield "\n| around one digit | right | no digit |"
    yield "| --- | --: | --: |"
    for name, draw in {**SINGLE, **CELLS}.items():
        files = [draw(image, random) for image in split.images[:, 0]]
        seen = [READ.counted_digit(open_picture(file)) for file in files]
        images = np.stack([digit.image for digit, _ in seen])
        read = np.array([count > 0 for _, count in seen])
        right = (trainer.predict(images).argmax(axis=1) == split.labels) & read
        yield f"| {name.replace('_', ' ')} | {100 * right.mean():.2f} % | {(~read).sum()} |"


def blank(count: int, random: np.random.Generator) -> Iterator[str]:
    yield "\n| no digit | pictures | with one | digits by find_digits |"
    yield "| --- | --: | --: | --: |"
    for name, draw in BLANK.items():
        pictures = [open_picture(draw(random)) for _ in range(count)]
        one = sum(READ.counted_digit(picture)[1] > 0 for picture in pictures)
        many = sum(len(READ.digits(picture)) for picture in pictures)
        yield f"| {name.replace('_', ' ')} | {count} | {one} | {many} |"


def others(trainer: Any, count: int, random: np.random.Generator) -> Iterator[str]:
    yield "\n| ink that is no digit | pictures | refused | over 50 % sure | over 90 % | over 99 % |"
    yield "| --- | --: | --: | --: | --: | --: |"
    for name, draw in OTHERS.items():
        seen = [READ.counted_digit(open_picture(draw(random))) for _ in range(count)]
        read = [digit for digit, digits in seen if digits]
        sure = _sureness(trainer, read) if read else np.zeros(0)
        over = " | ".join(str(int((sure > least).sum())) for least in (0.5, 0.9, 0.99))
        yield f"| {name.replace('_', ' ')} | {count} | {count - len(read)} | {over} |"


def _sureness(trainer: Any, read: list[Digit]) -> NDArray[np.float32]:
    prob = trainer.predict(np.stack([digit.image for digit in read]))
    return weighted(prob, np.array([digit.likeness for digit in read])).max(axis=1)


def foreign(trainer: Any) -> Iterator[str]:
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        yield "\nload_digits: scikit-learn is not installed"
        return
    digits = load_digits()
    yield f"\nload_digits, {len(digits.images)} digits of 8 x 8:\n"
    yield "| enlarged to | as it is | digitized |"
    yield "| --- | --: | --: |"
    grey = np.rint(digits.images / 16 * 255).astype(np.uint8)
    for side in (8, 28, 64):
        files = [encoded(resized(image, side)) for image in grey]
        before = trainer.score((_as_they_are(files), digits.target)).accuracy
        seen = np.stack([digitize(open_picture(file)) for file in files])
        after = trainer.score((seen, digits.target)).accuracy
        yield f"| {side} x {side} | {100 * before:.2f} % | {100 * after:.2f} % |"


def hands(trainer: Any, count: int, seed: int) -> Iterator[str]:
    yield f"\nhands, {count} digits a style, those read worst first:\n"
    yield "| style | right |"
    yield "| --- | --: |"
    accuracies = [
        (trainer.score(written([style], count, seed, part="test")).accuracy, style.full_name)
        for style in HANDS
    ]
    for accuracy, name in sorted(accuracies):
        yield f"| {name} | {100 * accuracy:.1f} % |"
    yield f"| all | {100 * np.mean([accuracy for accuracy, _ in accuracies]):.2f} % |"


def _as_they_are(files: list[bytes]) -> NDArray[np.uint8]:
    """The pictures, only made grey and 28 x 28."""
    size = (SIZE, SIZE)
    pictures = [Image.open(io.BytesIO(file)).convert("L") for file in files]
    return np.stack([np.asarray(each.resize(size, Image.Resampling.BICUBIC)) for each in pictures])


if __name__ == "__main__":
    main()
