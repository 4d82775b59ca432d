"""Cases of pooling, and of what makes images larger or smaller."""

from __future__ import annotations

from backends.cases import (
    Case,
    between,
    case,
    distinct,
    normal,
    some_equal,
    still,
)

CASES = [
    *(
        case("Pooling", distinct(2, 2, 7, 8), pool_type=kind, **options)
        for kind in ("max", "avg", "sum")
        for options in [
            {"kernel": (2, 2), "stride": (2, 2)},
            {"kernel": (3, 2), "stride": (2, 1), "pad": (1, 0)},
            {"kernel": (3, 3), "stride": (2, 2), "pad": (1, 1), "pooling_convention": "full"},
            {"kernel": (2, 2), "stride": (3, 3), "pooling_convention": "full"},
            {"kernel": (2, 2), "global_pool": True, "pad": (1, 1)},
            {"global_pool": True, "kernel": (1, 1)},
        ]
    ),
    *(
        case("Pooling", distinct(2, 2, 7, 8), pool_type="avg", count_include_pad=counted, **options)
        for counted in (True, False)
        for options in [
            {"kernel": (3, 3), "stride": (2, 2), "pad": (1, 1)},
            {"kernel": (3, 4), "stride": (2, 3), "pad": (1, 2), "pooling_convention": "full"},
        ]
    ),
    case("Pooling", some_equal(2, 2, 6, 6), kernel=(2, 2), stride=(2, 2)),
    case("Pooling", some_equal(2, 2, 7, 7), kernel=(3, 3), stride=(2, 2), pad=(1, 1)),
    case("Pooling", some_equal(2, 2, 4, 4), kernel=(1, 1), global_pool=True),
    *(
        case("Pooling", distinct(2, 3, 9), kernel=(3,), stride=(2,), pool_type=kind, **options)
        for kind in ("max", "avg", "sum")
        for options in [{}, {"pad": (1,)}, {"pooling_convention": "full"}]
    ),
    # MXNet looks at three sizes of padding, whatever the kernel, and has sums alone.
    case(
        "Pooling",
        distinct(2, 3, 7),
        kernel=(3,),
        stride=(2,),
        pad=(0, 0, 0),
        pool_type="sum",
        pooling_convention="same",
    ),
    *(
        case("Pooling", distinct(1, 2, 5, 6, 4), kernel=(2, 3, 2), stride=(2, 1, 1), pool_type=kind)
        for kind in ("max", "avg")
    ),
    *(
        case(
            "Pooling",
            between(0.2, 2, 2, 2, 6, 6),
            kernel=(2, 2),
            stride=(2, 2),
            pool_type="lp",
            p_value=p,
        )
        for p in (1, 2, 3)
    ),
    *(
        case(
            "Pooling",
            distinct(2, 6, 5, 3),
            kernel=(2, 2),
            stride=(2, 2),
            pool_type=kind,
            layout="NHWC",
        )
        for kind in ("max", "avg")
    ),
    still("Pooling", normal(1, 1, 5, 5), kernel=(1, 1), stride=(3, 3), pooling_convention="full"),
    *(
        case("_contrib_AdaptiveAvgPooling2D", normal(2, 3, 7, 5), **size)
        for size in [{}, {"output_size": (3,)}, {"output_size": (2, 4)}, {"output_size": (9, 5)}]
    ),
    *(
        case("_contrib_BilinearResize2D", normal(2, 2, 5, 6), align_corners=aligned, **size)
        for aligned in (True, False)
        for size in [
            {"height": 8, "width": 9},
            {"height": 3, "width": 1},
            {"height": 5, "width": 6},
            {"scale_height": 1.5, "scale_width": 2.0},
            {"scale_height": 2.0, "scale_width": 1.5, "mode": "odd_scale"},
            *(
                {"mode": f"to_{parity}_{way}"}
                for parity in ("even", "odd")
                for way in ("up", "down")
            ),
        ]
    ),
    Case(
        "_contrib_BilinearResize2D",
        (normal(2, 2, 5, 6), normal(2, 3, 7, 4)),
        {"mode": "like"},
        fixed=(1,),
    ),
    case("UpSampling", normal(2, 3, 4, 5), scale=2, sample_type="nearest"),
    case("UpSampling", normal(2, 3, 4, 4), normal(2, 2, 2, 2), scale=2, sample_type="nearest"),
    case(
        "UpSampling",
        normal(2, 3, 4, 4),
        normal(2, 3, 2, 2),
        scale=2,
        sample_type="nearest",
        multi_input_mode="sum",
    ),
    *(
        case(
            "UpSampling",
            normal(2, 3, 4, 4),
            normal(3, 1, kernel, kernel),
            scale=scale,
            sample_type="bilinear",
            num_filter=3,
        )
        for scale, kernel in [(2, 4), (3, 5)]
    ),
]
