"""Find what an answer rests on, by the network in the batcher's thread."""

from __future__ import annotations

import numpy as np

from ..arrays import Floats, Images, Logits, Pixels
from ..predict.occlusion import occlusion
from .batcher import Batcher

_STEP = 2  # pixels between covered parts; fewer would take too long
_SECONDS = 60  # to wait for an answer; after that the batcher must have ended


def explained(batcher: Batcher, image: Pixels, label: int) -> Floats:
    """Return the evidence for a class, (H, W), by :func:`~mxdigits.predict.occlusion.occlusion`.

    The covered images queue like those of any client, so no other client waits long.

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
