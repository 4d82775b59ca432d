"""A first recipe with comments, which fits the data that were found."""

from __future__ import annotations

from typing import Optional

from ..data.recognition import Recognized
from ..storage.strict_yaml import dump
from ..wording import some_of
from .environment import protect
from .sections import DATA

# With fewer training images than this, none are held out.
_LEAST_HELD_OUT = 50
# Pixels: LeNet's two convolutions and poolings leave nothing of a smaller image.
_LENET_SIZE = 16
_STEPS = 20_000  # images in all epochs together, as far as _FEWEST and _MOST epochs allow
_FEWEST = 10  # epochs, however many images
_MOST = 100  # epochs, however few images
_NAMED = 5  # most classes that a comment names

_MNIST = Recognized(DATA, "", {"train": 60_000, "test": 10_000}, tuple("0123456789"), 28)


def starter_recipe(found: Optional[Recognized] = None) -> str:
    """The text of a recipe with comments: for MNIST, or for a data set that was recognized.

    Args:
        found: the data set; None for MNIST.

    Example:
        >>> print(starter_recipe().splitlines()[4])
        model: lenet
    """
    found = found or _MNIST
    train = found.samples["train"]
    held_out = "validation" in found.samples
    lines = [
        f"# Learns {_counted(found)}",
        "# mxdigits check prints every key with its default; docs/recipes.md says what each means.",
        "",
        "# The network; mxdigits models lists others.",
        f"model: {'lenet' if found.size >= _LENET_SIZE else 'mlp'}",
        "",
        *_data_lines(found),
        "",
        "# The images to learn from are moved, turned and slanted a little, differently each time.",
        "augmentation: affine",
        "",
        "optimizer: {name: sgd, learning_rate: 0.04, momentum: 0.9}",
        "# The learning rate falls along half a cosine wave; constant would keep it.",
        "schedule: cosine",
        "# Passes over the images to learn from.",
        f"epochs: {min(_MOST, max(_FEWEST, round(_STEPS / train)))}",
        "",
        *_validation_lines(train, held_out),
        "",
        "# cpu, gpu, or [gpu, cpu] for a GPU where there is one.",
        "context: cpu",
        "# Of everything random: the same seed gives the same network.",
        "seed: 42",
        "# Files of predictions: csv, jsonl, npz.",
        "predictions: [csv]",
    ]
    return "\n".join(lines) + "\n"


def _counted(found: Recognized) -> str:
    names = some_of(found.classes, _NAMED)
    what = "MNIST" if found.name == DATA else found.path
    train = f"{what}: {found.samples['train']:,} images to train on"
    rest = [f"{n:,} to {_FOR[part]}" for part, n in found.samples.items() if part != "train"]
    return _one_line(f"{', '.join([train, *rest])}; {len(found.classes)} classes: {names}")


_FOR = {"validation": "validate on", "test": "test with"}


def _one_line(text: str) -> str:
    """A text that fits into a comment: the name of a folder may hold line ends."""
    return "".join(each if each.isprintable() else "?" for each in text)


def _data_lines(found: Recognized) -> list[str]:
    keys: dict[str, object] = {"name": found.name}
    lines = ["# The images; batch_size of them make a step. mxdigits datasets lists others."]
    if found.name != DATA:
        keys["path"] = protect(found.path)
    keys["batch_size"] = min(100, max(1, found.samples["train"] // 10))
    if "test" not in found.samples:
        lines.append("# There is no folder test: test_share of the pictures is kept to test with.")
        keys["test_share"] = 0.2
    if found.name == "folder":
        lines.append(
            "# They are given MNIST's form; digitize: false takes the pictures as they are."
        )
        keys["digitize"] = True
    return [*lines, *dump({"data": keys}).splitlines(), *_mix_lines(found)]


def _mix_lines(found: Recognized) -> list[str]:
    """A comment on how to learn MNIST's digits too, if the data are pictures of digits."""
    if found.name != "folder" or not set(found.classes) <= set("0123456789"):
        return []
    own = {"name": "folder", "path": protect(found.path), "test_share": 0, "share": 0.3}
    mixed = {"data": {"name": "mix", "batch_size": 100, "parts": [DATA, own]}}
    return [
        "# To learn MNIST's digits too, and test with MNIST's, take in its place:",
        *(f"# {line}" for line in dump(mixed).splitlines()),
    ]


def _validation_lines(train: int, held_out: bool) -> list[str]:
    if held_out:
        return ["# Each epoch is evaluated on the validation part of the data."]
    if train < _LEAST_HELD_OUT:
        return [
            "# There are too few images to hold some out; with more of them:",
            "# validation: 0.1",
        ]
    return [
        "# This share of them is held out; each epoch is evaluated on it, and the test images are",
        "# used once, at the end.",
        "validation: 0.1",
        "# To stop when it gets no better:",
        "# callbacks: [{name: early_stopping, patience: 5}]",
    ]
