"""Cases of what gives elements another shape, or axes another order."""

from __future__ import annotations

from backends.cases import case, normal

CASES = [
    case("Flatten", normal(2, 3, 4)),
    case("Flatten", normal(5)),
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
    case("SwapAxis", normal(2, 3, 4), dim1=0, dim2=2),
    *(case("expand_dims", normal(2, 3), axis=axis) for axis in (0, 1, 2, -1)),
    case("squeeze", normal(1, 3, 1, 2)),
    case("squeeze", normal(1, 3, 1, 2), axis=(2,)),
    case("squeeze", normal(1, 3, 1, 2), axis=(0, -2)),
    case("squeeze", normal(1, 1)),
    case("transpose", normal(2, 3, 4)),
    case("transpose", normal(2, 3, 4), axes=(1, 2, 0)),
]
