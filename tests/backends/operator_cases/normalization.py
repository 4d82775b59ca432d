"""Cases of normalisations."""

from __future__ import annotations

from typing import Any

from backends.cases import (
    Case,
    between,
    case,
    normal,
)


def _batch_norm(shape: tuple[int, ...], axis: int = 1, training: bool = True, **more: Any) -> Case:
    channels = shape[axis]
    inputs = (
        normal(*shape),
        between(0.5, 2, channels),
        normal(channels),
        normal(channels),
        between(0.5, 2, channels),
    )
    attributes = {"axis": axis, "fix_gamma": False, **more}
    return Case("BatchNorm", inputs, attributes, training=training)


CASES = [
    # The gradients of a normalised batch are small differences of large numbers.
    *(
        _batch_norm((4, 3, 5, 5), training=training, **options)
        for training in (True, False)
        for options in [
            {},
            {"fix_gamma": True},
            {"use_global_stats": True},
            {"eps": 0.01, "momentum": 0.7},
        ]
    ),
    _batch_norm((6, 4)),
    _batch_norm((4, 3, 5)),
    _batch_norm((2, 3, 2, 3, 2)),
    _batch_norm((4, 5, 3), axis=-1),
    _batch_norm((4, 5, 5, 3), axis=3, momentum=0.5),
    *(
        Case(
            "BatchNorm",
            (normal(4, 3, 2), between(0.5, 2, 3), normal(3), normal(3), between(0.5, 2, 3)),
            {"output_mean_var": True},
            training=training,
        )
        for training in (True, False)
    ),
    case("GroupNorm", normal(3, 4, 5), between(0.5, 2, 2), normal(2), num_groups=2),
    case("GroupNorm", normal(3, 6, 3, 3), between(0.5, 2, 3), normal(3), num_groups=3, eps=0.01),
    case(
        "GroupNorm",
        normal(3, 4, 5),
        between(0.5, 2, 2),
        normal(2),
        num_groups=2,
        output_mean_var=True,
    ),
    case("InstanceNorm", normal(3, 4, 5), between(0.5, 2, 4), normal(4)),
    case("InstanceNorm", normal(3, 2, 4, 4), between(0.5, 2, 2), normal(2), eps=0.01),
    case("LayerNorm", normal(3, 4, 5), between(0.5, 2, 5), normal(5)),
    case("LayerNorm", normal(3, 4, 5), between(0.5, 2, 4), normal(4), axis=1, eps=0.01),
    case("LayerNorm", normal(3, 4), between(0.5, 2, 4), normal(4), output_mean_var=True),
    *(
        case("L2Normalization", normal(3, 4, 5), mode=mode)
        for mode in ("channel", "instance", "spatial")
    ),
    case("L2Normalization", normal(3, 4, 2, 3), eps=0.1),
    case("LRN", normal(2, 7, 3, 3), nsize=3),
    case("LRN", normal(2, 7, 3, 3), nsize=5, alpha=0.5, beta=0.6, knorm=1.5),
]
