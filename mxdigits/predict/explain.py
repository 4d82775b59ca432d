"""Why a network says what it says of an image: which parts of it speak for that, and which against.

:mod:`~mxdigits.predict.occlusion` finds it out, :mod:`~mxdigits.predict.heat` draws it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

import numpy as np

from ..arrays import Pixels, Probabilities
from ..data.tiles import Tile
from ..errors import DataError, UsageError
from ..plugins.suggest import nearest
from ..runs.record import TrainedNetwork
from ..train.metrics import softmax
from ..train.trainer import Trainer
from ..wording import Say
from .heat import heat
from .inputs import Item, Reader
from .occlusion import Occlusion, occlusion
from .opening import (
    EvaluationRequest,
    open_trainer,
    own_data,
    run_data,
    trained_network,
    trained_preprocessing,
)

_MOST_NAMED = 3  # classes that a sentence names


@dataclass(frozen=True)
class ExplanationRequest:
    """What to explain.

    ``inputs`` are pictures, folders, globs, ``-``, IDX and NPZ files, names of data sets;
    ``numbers`` are images of the data set that ``request`` says, counted from 0, where there are no
    inputs; ``label`` is the name of the class that is asked about, None for the answer itself.

    Example:
        >>> ExplanationRequest(inputs=["photo.jpg"]).label is None
        True
    """

    inputs: Sequence[str] = ()
    numbers: Sequence[int] = ()
    label: Optional[str] = None
    preprocessing: Optional[str] = None
    request: EvaluationRequest = field(default_factory=EvaluationRequest)


@dataclass(frozen=True, eq=False)
class Explanation:
    """What a network says of an image, and why.

    ``name`` says which image, uint8 (C, H, W); ``prob`` are the probabilities of all ``classes``;
    ``label`` is the class that is asked about, ``true`` the one that the data set says.

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
    occlusion: Occlusion
    true: Optional[int] = None

    @property
    def answer(self) -> str:
        """The best classes and their probabilities."""
        return _named(self.prob, self.classes)

    @property
    def heat(self) -> Pixels:
        """The image with the evidence over it, uint8 (H, W, 3)."""
        return heat(self.image, self.occlusion.evidence)

    @property
    def sentence(self) -> str:
        """What the part that the class rests on most is worth."""
        box, prob = self.occlusion.box, self.occlusion.prob
        if box is None or prob is None:
            return f"no part of it speaks for {self.classes[self.label]}"
        left, top, right, bottom = box
        other = int(prob.argmax()) != self.label
        instead = f", and it says {_named(prob, self.classes, 1)}" if other else ""
        return (
            f"it rests most on rows {top} to {bottom - 1}, columns {left} to {right - 1}: "
            f"with these covered {self.classes[self.label]} falls from {_percent(self._share)} "
            f"to {_percent(float(prob[self.label]))}{instead}"
        )

    def tile(self) -> Tile:
        """The image, the same with the evidence over it, and the answer below."""
        shown = self.image if len(self.image) in (1, 3) else self.image[:1]
        lines = [self.name, self.answer]
        if self.true is not None:
            lines.append(f"true {self.classes[self.true]}")
        if self.label != int(self.prob.argmax()):
            lines.append(f"evidence for {self.classes[self.label]}")
        return Tile([shown, self.heat.transpose(2, 0, 1)], lines)

    @property
    def _share(self) -> float:
        return float(self.prob[self.label])


def explain_run(
    path: Path, wanted: ExplanationRequest, say: Say, unread: list[str]
) -> Iterator[Explanation]:
    """Explain what a run's network says of images, one after the other.

    Args:
        path: the run folder, or a file of ONNX.
        wanted: of which images.
        say: called with what a user should know at once.
        unread: gets a line for each picture that cannot be read, which is passed over.

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
    trainer: Optional[Trainer] = None
    for item in items:
        trainer = trainer or open_trainer(path, wanted.request, say)
        logits = trainer.logits(item.image[None])
        asked = int(logits.argmax()) if label is None else label
        found = occlusion(trainer.logits, item.image, asked)
        yield Explanation(
            item.file, item.image, classes, softmax(logits)[0], asked, found, item.label
        )


def _items(
    path: Path, wanted: ExplanationRequest, trained: TrainedNetwork, say: Say, unread: list[str]
) -> Iterator[Item]:
    """The images that are asked for."""
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
    reader = Reader(preprocessing, False, request.split, passed_over, run_data(trained, say))
    reader.check(wanted.inputs)
    reader.start(wanted.inputs)
    yield from reader.items(wanted.inputs)


def _label(name: str, classes: Sequence[str]) -> int:
    if name not in classes:
        raise UsageError(f"the network knows no class {name!r}; {nearest(name, list(classes))}")
    return classes.index(name)


def _named(prob: Probabilities, classes: Sequence[str], most: int = _MOST_NAMED) -> str:
    """The best classes; those of less than a thousandth only if they are the first."""
    best = np.argsort(-prob, kind="stable")[:most].tolist()
    told = [i for i in best if prob[i] >= 0.001 or i == best[0]]
    return ", ".join(f"{classes[i]} {_percent(float(prob[i]))}" for i in told)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
