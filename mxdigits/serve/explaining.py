"""What an answer rests on, asked of the network in the batcher's thread."""

from __future__ import annotations

import numpy as np

from ..arrays import Floats, Images, Logits, Pixels
from ..predict.occlusion import occlusion
from .batcher import Batcher

_STEP = 2  # pixels between the parts that are covered: an explanation is wanted at once
_SECONDS = 60  # without an answer: the batcher has ended meanwhile


def explained(batcher: Batcher, image: Pixels, label: int) -> Floats:
    """The evidence for a class, (H, W), as of :func:`~mxdigits.predict.occlusion.occlusion`.

    The covered images queue like those of any client, so nobody else waits long for a turn.

    Args:
        batcher: asks the network.
        image: uint8 (H, W).
        label: the class.

    >>> def load():
    ...     return lambda images: np.full((len(images), 2), 0.5, np.float32)
    >>> batcher = Batcher(load, most=32)
    >>> batcher.start()
    >>> explained(batcher, np.full((28, 28), 255, np.uint8), label=1).shape
    (28, 28)
    >>> batcher.close()
    """

    def logits(images: Images) -> Logits:
        answers = [batcher.submit(each[0]) for each in images]
        prob = np.stack([answer.result(_SECONDS) for answer in answers])
        said: Logits = np.log(np.maximum(prob, np.finfo(np.float32).tiny))
        return said

    return occlusion(logits, image[None], label, step=_STEP).evidence
