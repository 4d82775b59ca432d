"""Cases of operators that move elements."""

from __future__ import annotations

from backends.cases import (
    Case,
    case,
    exactly,
    normal,
    still,
    whole,
)

CASES = [
    case("Flatten", normal(2, 3, 4)),
    case("Flatten", normal(5)),
    *(
        case("Pad", normal(2, 3, 4, 5), mode=mode, pad_width=(0, 0, 0, 0, 1, 2, 3, 1))
        for mode in ("constant", "edge", "reflect")
    ),
    case(
        "Pad",
        normal(1, 2, 2, 2),
        mode="constant",
        pad_width=(0,) * 4 + (1,) * 4,
        constant_value=2.5,
    ),
    case("Pad", normal(1, 2, 3, 3, 3), mode="edge", pad_width=(0,) * 4 + (1, 0, 2, 1, 0, 1)),
    *(
        case("Reshape", normal(2, 3, 4), shape=shape)
        for shape in [
            (6, 4),
            (-1,),
            (0, -1),
            (4, 0, 2),
            (-2,),
            (2, -2),
            (-2, 1, 1),
            (-3, 4),
            (-3, -2),
            (0, -3),
            (-4, 1, 2, -2),
            (2, -4, -1, 3, 4),
            (-4, -1, 1, 0, 0),
        ]
    ),
    case("Reshape", normal(8, 3, 4), shape=(-4, 2, -1, 0, 0)),
    case("Reshape", normal(10, 5, 4), shape=(-1, 0), reverse=True),
    case("Reshape", normal(2, 3, 4), shape=(0, 0, -1, 2, -4), reverse=True),
    case("Reshape", normal(2, 3, 4), target_shape=(0, 12), keep_highest=True),
    case("Reshape", normal(2, 3, 4), target_shape=(6, 0)),
    *(
        case("_npx_reshape", normal(2, 3, 1, 8), newshape=shape)
        for shape in [(6, 8), (-2, -1), (-2, -2, -3, 8), (-4,), (-5, -4), (-2, -2, -2, -6, 2, -1)]
    ),
    case("_npx_reshape", normal(10, 5, 4), newshape=(-1, -2), reverse=True),
    case("SliceChannel", normal(2, 6, 3), num_outputs=3),
    case("SliceChannel", normal(2, 6, 3), num_outputs=3, axis=2, squeeze_axis=True),
    case("SliceChannel", normal(2, 4), num_outputs=2, axis=-1),
    case("SwapAxis", normal(2, 3, 4), dim1=0, dim2=2),
    *(case("expand_dims", normal(2, 3), axis=axis) for axis in (0, 1, 2, -1)),
    case("repeat", normal(2, 3), repeats=2),
    *(case("repeat", normal(2, 3), repeats=3, axis=axis) for axis in (0, 1, -1)),
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
    case("squeeze", normal(1, 3, 1, 2)),
    case("squeeze", normal(1, 3, 1, 2), axis=(2,)),
    case("squeeze", normal(1, 3, 1, 2), axis=(0, -2)),
    case("squeeze", normal(1, 1)),
    case("tile", normal(2, 3), reps=(2, 2)),
    case("tile", normal(2, 3), reps=(2, 1, 2)),
    case("tile", normal(2, 3), reps=(2,)),
    case("transpose", normal(2, 3, 4)),
    case("transpose", normal(2, 3, 4), axes=(1, 2, 0)),
    Case("broadcast_like", (normal(2, 1, 3), normal(2, 4, 3)), fixed=(1,)),
    Case(
        "broadcast_like",
        (normal(1, 2, 1), normal(5, 7)),
        {"lhs_axes": (0, 2), "rhs_axes": (0, -1)},
        fixed=(1,),
    ),
    case("broadcast_axis", normal(2, 1, 3, 1), axis=(1, 3), size=(4, 5)),
    case("broadcast_to", normal(2, 1, 3), shape=(2, 4, 3)),
    case("broadcast_to", normal(2, 1, 1), shape=(0, 3, 0)),
    case("Concat", normal(2, 3), normal(2, 4), normal(2, 1)),
    case("Concat", normal(2, 3, 1), normal(4, 3, 1), dim=0),
    case("Concat", normal(2, 3), normal(2, 3), dim=-1),
    case("stack", normal(2, 3), normal(2, 3)),
    case("stack", normal(2, 3), normal(2, 3), normal(2, 3), axis=1),
    case("stack", normal(2, 3), axis=-1),
    *(
        Case("take", (normal(5, 3), whole(-9, 9, 4)), {"mode": mode, "axis": axis}, fixed=(1,))
        for mode in ("clip", "wrap")
        for axis in (0, 1, -1)
    ),
    Case("take", (normal(5, 3), exactly([0.0, 2.9], [4.2, 0.0])), fixed=(1,)),
    still("take", whole(0, 256, 5, 2, dtype="uint8"), whole(0, 5, 4)),
]
