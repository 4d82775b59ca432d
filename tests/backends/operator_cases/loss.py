"""Cases of losses."""

from __future__ import annotations

from typing import Any

import numpy as np
from backends.cases import Case, between, normal


def _loss(*shape: int, labels: tuple[int, ...], classes: int, **options: Any) -> Case:
    inputs = (normal(*shape), lambda random: random.integers(0, classes, labels).astype(np.float32))
    return Case("SoftmaxOutput", inputs, options, fixed=(1,))


CASES = [
    *(
        _loss(5, 4, labels=(5,), classes=4, **options)
        for options in [
            {},
            {"smooth_alpha": 0.3},
            {"grad_scale": 0.5, "normalization": "batch"},
            {"use_ignore": True, "ignore_label": 1.0},
            {"use_ignore": True, "ignore_label": 1.0, "normalization": "valid"},
            {"use_ignore": True, "ignore_label": 2.0, "smooth_alpha": 0.2},
        ]
    ),
    *(
        _loss(3, 4, 5, labels=(3, 5), classes=4, multi_output=True, **options)
        for options in [
            {},
            {"normalization": "batch"},
            {"normalization": "valid", "use_ignore": True, "ignore_label": 0.0},
        ]
    ),
    _loss(3, 5, 4, labels=(3, 5), classes=4, preserve_shape=True),
    Case("SoftmaxOutput", (normal(3, 4), between(0, 1, 3, 4)), {"grad_scale": 2.0}, fixed=(1,)),
]
