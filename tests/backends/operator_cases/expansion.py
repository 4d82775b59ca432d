"""Cases of what repeats, broadcasts and pads."""

from __future__ import annotations

from backends.cases import Case, case, normal

CASES = [
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
    case("repeat", normal(2, 3), repeats=2),
    *(case("repeat", normal(2, 3), repeats=3, axis=axis) for axis in (0, 1, -1)),
    case("tile", normal(2, 3), reps=(2, 2)),
    case("tile", normal(2, 3), reps=(2, 1, 2)),
    case("tile", normal(2, 3), reps=(2,)),
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
]
