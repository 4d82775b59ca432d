"""How much classes count: by their images, in order, by name; and the words for mistakes."""

from __future__ import annotations

import numpy as np
import pytest

from mxdigits.errors import UsageError
from mxdigits.experiment.preparation.class_weights import class_weights

CLASSES = ("one", "two", "three")
LABELS = np.array([0, 0, 0, 0, 1, 1])


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (None, ()),
        ("balanced", (0.75, 1.5, 1.0)),  # of a class without images nothing is known
        ((1.0, 2.0, 3.0), (1.0, 2.0, 3.0)),
        ({"two": 2.0}, (1.0, 2.0, 1.0)),
    ],
)
def test_weights(chosen, expected):
    assert class_weights(chosen, CLASSES, LABELS) == expected


def test_balanced_weights_make_all_classes_count_alike():
    labels = np.repeat([0, 1, 2], [70, 20, 10])
    weights = np.array(class_weights("balanced", CLASSES, labels))[labels]
    assert [weights[labels == each].sum() for each in range(3)] == pytest.approx([100 / 3] * 3)


@pytest.mark.parametrize(
    ("chosen", "what"),
    [
        ({"twoo": 2.0}, "there is no class 'twoo'; did you mean 'two'?"),
        (
            (1.0, 2.0),
            "2 weights for 3 classes; write one for each, or a mapping such as {7: 2.0}",
        ),
    ],
)
def test_mistakes(chosen, what):
    with pytest.raises(UsageError) as caught:
        class_weights(chosen, CLASSES, LABELS)
    assert str(caught.value) == f"loss.class_weights: {what}"
