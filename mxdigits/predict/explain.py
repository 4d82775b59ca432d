"""Explain a network's answer: which parts of the image speak for a class, and which against it.

:mod:`~mxdigits.predict.occlusion` or :mod:`~mxdigits.predict.integrated` finds it out,
:mod:`~mxdigits.predict.heat` draws it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Callable, Optional, Union

import numpy as np

from ..arrays import Pixels, Probabilities
from ..backends.context import FASTEST, TRAINING, parse_backend
from ..data.tiles import Tile
from ..errors import DataError, UsageError
from ..plugins.suggest import nearest
from ..runs.trained import TrainedNetwork
from ..train.evaluator import Evaluator
from ..train.metrics import softmax
from ..wording import Say
from .heat import heat
from .inputs import Item, Reader
from .integrated import Integrated, integrated_gradients
from .occlusion import Box, Occlusion, occlusion
from .opening import (
    EvaluationRequest,
    open_evaluator,
    own_data,
    resizing_note,
    run_data,
    trained_network,
    trained_preprocessing,
)

OCCLUSION = "occlusion"

# A function from an image and a class to the evidence.
_Find = Callable[[Pixels, int], Union[Occlusion, Integrated]]

_MOST_NAMED = 3  # classes that a sentence names
_EXACT = 0.05  # share of the gain that the sum of the evidence may miss without a remark


@dataclass(frozen=True)
class ExplanationRequest:
    """What to explain.

    ``inputs`` are pictures, folders, globs, ``-``, IDX and NPZ files, names of data sets;
    if there are none, ``numbers`` are images of the data set that ``request`` names, counted from
    0. ``label`` is the name of the class to explain, None for the network's answer; ``method`` is
    ``occlusion`` or ``gradients``.

    Example:
        >>> ExplanationRequest(inputs=["photo.jpg"]).label is None
        True
    """

    inputs: Sequence[str] = ()
    numbers: Sequence[int] = ()
    label: Optional[str] = None
    preprocessing: Optional[str] = None
    method: str = OCCLUSION
    request: EvaluationRequest = field(default_factory=EvaluationRequest)


@dataclass(frozen=True, eq=False)
class Explanation:
    """A network's answer for an image, and the evidence for a class.

    ``name`` is that of the ``image``, uint8 (C, H, W); ``prob`` are the probabilities of all
    ``classes``; ``label`` is the class to explain, ``true`` that of the data set.

    Example:
        >>> image, prob = np.zeros((1, 28, 28), np.uint8), np.array([0.1, 0.9], np.float32)
        >>> nothing = Occlusion(np.zeros((28, 28), np.float32), None, None)
        >>> Explanation("photo.jpg", image, ("0", "1"), prob, 1, nothing).answer
        '1 90.0 %, 0 10.0 %'
    """

    name: str
    image: Pixels
    classes: tuple[str, ...]
    prob: Probabilities
    label: int
    found: Union[Occlusion, Integrated]
    true: Optional[int] = None

    @property
    def answer(self) -> str:
        """The best classes and their probabilities."""
        return _named(self.prob, self.classes)

    @property
    def heat(self) -> Pixels:
        """The image with the evidence over it, uint8 (H, W, 3)."""
        return heat(self.image, self.found.evidence)

    @property
    def sentence(self) -> str:
        """Which part of the image the class rests on most, and how much."""
        if self.found.box is None:
            return f"no part of it speaks for {self._asked}"
        if isinstance(self.found, Integrated):
            return self._added(self.found, self.found.box)
        return self._covered(self.found, self.found.box)

    def tile(self) -> Tile:
        """The image without and with the evidence over it, and the answer below."""
        shown = self.image if len(self.image) in (1, 3) else self.image[:1]
        lines = [self.name, self.answer]
        if self.true is not None:
            lines.append(f"true {self.classes[self.true]}")
        if self.label != int(self.prob.argmax()):
            lines.append(f"evidence for {self._asked}")
        return Tile([shown, self.heat.transpose(2, 0, 1)], lines)

    def _covered(self, found: Occlusion, box: Box) -> str:
        prob = self.prob if found.prob is None else found.prob
        before, after = (_percent(float(each[self.label])) for each in (self.prob, prob))
        if before == after:  # of evidence so small, another part could as well be named
            return f"no part of it speaks much for {self._asked}, which stays at {before}"
        other = int(prob.argmax()) != self.label
        instead = f", and it says {_named(prob, self.classes, 1)}" if other else ""
        return (
            f"it rests most on {_place(box)}: with these covered {self._asked} falls from "
            f"{before} to {after}{instead}"
        )

    def _added(self, found: Integrated, box: Box) -> str:
        moves = "raises" if found.gain >= 0 else "lowers"
        far = abs(found.missing) > _EXACT * abs(found.gain)
        exact = f"; what the pixels add is {abs(found.missing):.2f} away from that" if far else ""
        return (
            f"its ink {moves} the log odds of {self._asked} by {abs(found.gain):.2f}{exact}; "
            f"it rests most on {_place(box)}, which add {found.part:.2f}"
        )

    @property
    def _asked(self) -> str:
        return self.classes[self.label]


def explain_run(
    path: Path, wanted: ExplanationRequest, say: Say, unread: list[str]
) -> Iterator[Explanation]:
    """Explain the answers of a run's network for images, one after the other.

    Args:
        path: the run folder, or an ONNX file.
        wanted: which images and which class.
        say: called with what a user should know at once.
        unread: gets a line for each picture that is skipped because it cannot be read.

    Raises:
        UsageError: if there is no such class, or no such image.
        MxdigitsError: if the folder, the data or the device cannot be used.

    Example:
        >>> run = Path("runs/mlp/20261123T153755Z-62fd27")
        >>> wanted = ExplanationRequest(inputs=["photo.jpg"])
        >>> for each in explain_run(run, wanted, print, []):  # doctest: +SKIP
        ...     print(each.answer, each.sentence)
    """
    trained = trained_network(path)
    classes = trained.network.classes
    label = None if wanted.label is None else _label(wanted.label, classes)
    items = _items(path, wanted, trained, say, unread)
    opened: Optional[tuple[Evaluator, _Find]] = None
    for item in items:
        opened = opened or _opened(path, wanted, say)
        evaluator, find = opened
        logits = evaluator.logits(item.image[None])
        asked = int(logits.argmax()) if label is None else label
        found = find(item.image, asked)
        yield Explanation(
            item.file, item.image, classes, softmax(logits)[0], asked, found, item.label
        )


def _opened(path: Path, wanted: ExplanationRequest, say: Say) -> tuple[Evaluator, _Find]:
    """The opened network, and the function that finds the evidence."""
    request = wanted.request
    if wanted.method == OCCLUSION:
        evaluator = open_evaluator(path, request, say)
        return evaluator, partial(occlusion, evaluator.logits)
    if request.tta > 1:
        raise UsageError("gradients are of the image alone: leave out --tta, or ask by occlusion")
    if request.backend != FASTEST:
        named = parse_backend(request.backend, predicting=True)
        first = sorted(named, key=lambda name: name not in TRAINING)  # those with gradients first
        request = replace(request, backend=first)
    evaluator = open_evaluator(path, request, say)
    if evaluator.backend.name in TRAINING:
        return evaluator, partial(integrated_gradients, evaluator.backend.input_gradients)
    say(f"the backend {evaluator.backend.name} has no gradients; the image is covered part by part")
    return evaluator, partial(occlusion, evaluator.logits)


def _items(
    path: Path, wanted: ExplanationRequest, trained: TrainedNetwork, say: Say, unread: list[str]
) -> Iterator[Item]:
    """The requested images."""
    request = wanted.request

    def passed_over(error: DataError) -> None:
        unread.append(str(error))

    if not wanted.inputs:
        split = own_data(path, request, trained, say).part(request.split)
        for number in wanted.numbers:
            if not 0 <= number < len(split):
                raise UsageError(
                    f"there is no image {number}: {request.split} has images 0 to {len(split) - 1}"
                )
        for number in wanted.numbers:
            true = int(split.labels[number])
            known = true if true >= 0 else None
            yield Item(f"{request.split} image {number}", split.images[number], label=known)
        return
    if wanted.numbers or request.data is not None:
        raise UsageError("name the inputs, or images of a data set with --image, not both")
    preprocessing = trained_preprocessing(trained, wanted.preprocessing)
    reader = Reader(
        *(preprocessing, False, request.split, passed_over, run_data(trained, say)),
        resizing_note(trained, wanted.preprocessing),
    )
    reader.check(wanted.inputs)
    reader.start(wanted.inputs)
    yield from reader.items(wanted.inputs)


def _label(name: str, classes: Sequence[str]) -> int:
    if name not in classes:
        raise UsageError(f"the network knows no class {name!r}; {nearest(name, list(classes))}")
    return classes.index(name)


def _place(box: Box) -> str:
    left, top, right, bottom = box
    return f"rows {top} to {bottom - 1}, columns {left} to {right - 1}"


def _named(prob: Probabilities, classes: Sequence[str], most: int = _MOST_NAMED) -> str:
    """The best classes in words; others than the first only if they have 0.001 or more."""
    best = np.argsort(-prob, kind="stable")[:most].tolist()
    told = [i for i in best if prob[i] >= 0.001 or i == best[0]]
    return ", ".join(f"{classes[i]} {_percent(float(prob[i]))}" for i in told)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
