"""Cases of what takes elements by their places."""

from __future__ import annotations

from backends.cases import Case, between, case, exactly, normal, still, whole

CASES = [
    case("reverse", normal(2, 3, 4), axis=(1,)),
    case("reverse", normal(2, 3, 4), axis=(0, 2)),
    case("slice", normal(4, 5), begin=(1,), end=(3,)),
    case("slice", normal(4, 5), begin=(1, None), end=(None, -1)),
    case("slice", normal(4, 5), begin=(-3, 0), end=(100, 5), step=(1, 2)),
    case("slice", normal(4, 5), begin=(None, 4), end=(None, 0), step=(-1, -2)),
    *(
        case("slice_axis", normal(4, 5), axis=axis, begin=begin, end=end)
        for axis, begin, end in [(0, 1, 3), (1, -3, None), (-1, 0, -2)]
    ),
    Case("slice_like", (normal(4, 5), normal(2, 3)), fixed=(1,)),
    Case("slice_like", (normal(4, 5), normal(2, 3, 9)), {"axes": (0,)}, fixed=(1,)),
    Case("slice_like", (normal(4, 5), normal(2, 3)), {"axes": (-1,)}, fixed=(1,)),
    *(
        Case("take", (normal(5, 3), whole(-9, 9, 4)), {"mode": mode, "axis": axis}, fixed=(1,))
        for mode in ("clip", "wrap")
        for axis in (0, 1, -1)
    ),
    Case("take", (normal(5, 3), exactly([0.0, 2.9], [4.2, 0.0])), fixed=(1,)),
    *(
        Case(
            "pick",
            (normal(3, 4, 5), whole(-9, 9, *shape)),
            {"mode": mode, "axis": axis, "keepdims": keepdims},
            fixed=(1,),
        )
        for axis, shape in ((-1, (3, 4)), (1, (3, 5)), (0, (1, 4, 5)), (-1, (3, 4, 1)))
        for mode in ("clip", "wrap")
        for keepdims in (False, True)
    ),
    Case("pick", (normal(3, 4), exactly(0.9, 2.9, -0.9)), fixed=(1,)),
    still("take", whole(0, 256, 5, 2, dtype="uint8"), whole(0, 5, 4)),
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
]
