"""Scores and predicts with a network; a Trainer adds training.

Code that only predicts imports nothing of training.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ..arguments import as_items, as_whole
from ..arrays import AnyArray, Images, Logits, Probabilities
from ..data.dataset import Split
from ..data.given import Labelled, given_images, given_split
from ..errors import DataError, MxdigitsError
from ..foreign import first_line
from .metrics import Scores, score, softmax

if TYPE_CHECKING:
    from ..backends.base import Backend

# A probability below any meaningful one; it replaces 0, which has no logarithm.
_LEAST = np.float32(1e-30)


def as_ranks(top_k: object) -> tuple[int, ...]:
    """The ranks k of the top-k accuracies to count.

    Raises:
        UsageError: if they are not whole numbers of at least 1.

    Example:
        >>> as_ranks([3, 5])
        (3, 5)
    """
    each = partial(as_whole, "top_k: each", least=1)
    return tuple(as_items("top_k", top_k, "ranks such as 3", each))


class Evaluator:
    """Scores and predicts with one network.

    Args:
        network: a HybridBlock, or what ``backend`` takes in its place: images (n, C, H, W) float32
            from 0 to 1 to logits (n, classes).
        backend: executes the network; :func:`~mxdigits.backends.choose.make_backend` makes it.
        label_smoothing: the share of each label that is spread over all classes in the loss.
        tta: test-time augmentation: the number of shifted and turned views of each image whose
            probabilities are averaged. 1 for the image alone.

    Raises:
        UsageError: if ``tta`` is not a whole number of at least 1.

    Example:
        >>> from mxdigits.backends.choose import make_backend
        >>> backend = make_backend("onnx", network)  # doctest: +SKIP
        >>> evaluator = Evaluator(network, backend, tta=5)  # doctest: +SKIP
        >>> evaluator.predict(np.zeros((20, 1, 28, 28), np.uint8)).shape  # doctest: +SKIP
        (20, 10)
    """

    def __init__(
        self, network: object, backend: Backend, *, label_smoothing: float = 0.0, tta: int = 1
    ):
        self.network = network
        self.backend = backend
        self._label_smoothing = label_smoothing
        self._tta = as_whole("tta", tta, least=1)

    def score(self, labelled: Labelled, *, top_k: tuple[int, ...] = ()) -> Scores:
        """Score labelled images, each exactly once.

        Args:
            labelled: images (N, C, H, W) or (N, H, W), bytes or floats from 0 to 1, and labels
                (N,); or an object that gives both: :func:`~mxdigits.data.given.given_split`.
            top_k: each k of a top-k accuracy to count, besides 1.

        Raises:
            UsageError: if a k is not a whole number of at least 1.
            DataError: if the data are inconsistent or do not fit the network.
        """
        top_k = as_ranks(top_k)
        split = self._checked("score", labelled)
        logits = self.logits(split.images)
        return score(logits, split.labels, label_smoothing=self._label_smoothing, top_k=top_k)

    def predict(self, images: AnyArray) -> Probabilities:
        """The probabilities of each class, float32 (N, classes).

        Args:
            images: (N, C, H, W) or (N, H, W), bytes or floats from 0 to 1, at least one.

        Raises:
            DataError: if they are not that.
        """
        return softmax(self.logits(images))

    def logits(self, images: AnyArray) -> Logits:
        """The network's output for each image, float32 (N, classes).

        With several views it is the logarithm of their mean probabilities.

        Args:
            images: (N, C, H, W) or (N, H, W), bytes or floats from 0 to 1, at least one.

        Raises:
            DataError: if they are not that.
        """
        images = given_images("predict", images)
        if self._tta == 1:
            return self._logits(images)
        from .views import views

        each = [softmax(self._logits(view)) for view in views(images, self._tta)]
        logits: Logits = np.log(np.maximum(np.mean(each, axis=0), _LEAST))
        return logits

    def _logits(self, images: Images) -> Logits:
        """The backend's logits; if it fails because of the images' shape, the error says so."""
        try:
            return self.backend.logits(images)
        except (MxdigitsError, MemoryError):
            raise
        except Exception:
            self._classes("predict", images)
            raise

    def _classes(self, where: str, images: Images) -> int:
        """The number of classes that the network gives for such images.

        Raises:
            DataError: if the network does not take images of their shape.
        """
        try:
            return self.backend.classes(images.shape[1:])
        except (MxdigitsError, MemoryError):
            raise
        except Exception as error:  # each backend raises its own types
            raise DataError(
                f"{where}: the network does not take images of shape {images.shape[1:]}: "
                f"{first_line(error)}"
            ) from error

    def _checked(self, where: str, labelled: Labelled) -> Split:
        """The split, after a check that the network has an output for each of its labels."""
        split = given_split(where, labelled)
        classes = self._classes(where, split.images)
        low, high = int(split.labels.min()), int(split.labels.max())
        if low < 0 or high >= classes:
            raise DataError(
                f"{where}: labels from {low} to {high} do not fit the network's output of "
                f"{classes} classes"
            )
        return split
