"""Cases of losses, of samplers of images, and of what makes arrays of nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
from backends.cases import (
    Case,
    between,
    case,
    exactly,
    normal,
    still,
    whole,
)


def _loss(*shape: int, labels: tuple[int, ...], classes: int, **options: Any) -> Case:
    inputs = (normal(*shape), lambda random: random.integers(0, classes, labels).astype(np.float32))
    return Case("SoftmaxOutput", inputs, options, fixed=(1,))


_STN = {"transform_type": "affine", "sampler_type": "bilinear", "target_shape": (4, 3)}

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
    case("BilinearSampler", normal(2, 3, 5, 6), between(-1.3, 1.3, 2, 2, 4, 3)),
    case("GridGenerator", normal(2, 6), transform_type="affine", target_shape=(4, 5)),
    case("GridGenerator", normal(2, 2, 4, 5), transform_type="warp"),
    *(
        case("SpatialTransformer", normal(2, *image), between(-0.8, 0.8, 2, 6), **_STN)
        for image in [(3, 5, 6), (1, 4, 4)]
    ),
    Case(
        "Embedding",
        (whole(-1, 6, 3, 2), normal(5, 4)),
        {"input_dim": 5, "output_dim": 4},
        fixed=(0,),
    ),
    Case(
        "Embedding",
        (between(0, 4.9, 7), normal(5, 2)),
        {"input_dim": 5, "output_dim": 2},
        fixed=(0,),
    ),
    *(
        still("one_hot", exactly(0, 2.7, -1, 5, -0.5), depth=4, **options)
        for options in [{}, {"on_value": 0.9, "off_value": -0.1}, {"dtype": "int32"}]
    ),
    still("one_hot", whole(0, 3, 2, 2), depth=3),
    *(case("_np_cumsum", normal(3, 4), **more) for more in [{}, {"axis": 0}, {"axis": 1}]),
    still("_np_cumsum", whole(-5, 6, 4), axis=0),
    *(
        still("_contrib_arange_like", normal(3, 4), **options)
        for options in [
            {},
            {"axis": 1},
            {"axis": -1, "start": 2.5, "step": 0.5},
            {"repeat": 2, "start": 1.0},
            {"axis": 1, "repeat": 2},
        ]
    ),
    *(
        still("_contrib_dequantize", whole(-127, 128, 2, 3, dtype="int8"), *bounds)
        for bounds in [(exactly(-0.5), exactly(2.0)), (exactly(-3.0), exactly(1.0))]
    ),
    still("_contrib_dequantize", whole(0, 256, 2, 3, dtype="uint8"), exactly(0.0), exactly(1.5)),
    still("_full", shape=(2, 3), value=0.3),
    still("_full", shape=(2,), value=7.9, dtype="int32"),
    still("_ones", shape=(2, 3)),
    still("_zeros", shape=(3,), dtype="uint8"),
]
