"""Cases of operators that make one number of many, or shares of them."""

from __future__ import annotations

from backends.cases import (
    Case,
    between,
    case,
    distinct,
    normal,
    some_equal,
    still,
    whole,
)

_AXES = [
    {},
    {"axis": (1,)},
    {"axis": (0, -1)},
    {"axis": (1,), "keepdims": True},
    {"keepdims": True},
]
_AXES += [{"axis": (1,), "exclude": True}, {"axis": (0, 1, 2)}, {"axis": (), "exclude": True}]
CASES = [
    *(
        case(name, between(0.4, 2, 2, 3, 4), **axes)
        for name in ("mean", "prod", "sum")
        for axes in _AXES
    ),
    *(case(name, distinct(2, 3, 4), **axes) for name in ("max", "min") for axes in _AXES),
    *(case(name, some_equal(3, 5), axis=(1,)) for name in ("max", "min")),
    case("sum", normal(2, 3), axis=(0, 1), exclude=True),
    *(still(name, whole(-5, 9, 2, 4), axis=(1,)) for name in ("mean", "sum", "max", "min")),
    *(
        still(name, draw(3, 4), **axes)
        for name in ("argmax", "argmin")
        for draw in (distinct, some_equal)
        for axes in [
            {},
            {"axis": 0},
            {"axis": -1},
            {"axis": 1, "keepdims": True},
            {"keepdims": True},
        ]
    ),
    *(
        case("norm", draw(2, 3, 4), ord=ord, **axes)
        for draw, ord in [(normal, 1), (normal, 2), (some_equal, 1)]
        for axes in [{}, {"axis": (1,)}, {"axis": (0, 2)}, {"axis": (-1,), "keepdims": True}]
    ),
    *(
        case(name, normal(3, 4, 2), **options)
        for name in ("softmax", "log_softmax", "softmin")
        for options in [{}, {"axis": 1}, {"axis": 0, "temperature": 2.5}]
    ),
    still("softmax", between(-200, 200, 3, 4)),
    Case("log_softmax", (between(-200, 200, 3, 4),)),
    still("softmax", normal(3, 4), dtype="float16"),
    Case("softmax", (normal(3, 4), whole(1, 5, 3)), {"use_length": True, "axis": 1}, fixed=(1,)),
    Case(
        "softmax", (normal(2, 4, 3), whole(0, 5, 2, 3)), {"use_length": True, "axis": 1}, fixed=(1,)
    ),
    *(case("_np_cumsum", normal(3, 4), **more) for more in [{}, {"axis": 0}, {"axis": 1}]),
    still("_np_cumsum", whole(-5, 6, 4), axis=0),
]
