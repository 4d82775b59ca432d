"""Cases of operators of two arrays, or of an array and a number; and of products of matrices."""

from __future__ import annotations

from backends.cases import (
    Case,
    between,
    case,
    exactly,
    normal,
    some_equal,
    still,
    whole,
    words,
)

_SCALARS = words("_plus _minus _rminus _mul _div _rdiv _hypot _maximum _minimum")
_COMPARISONS = words("equal not_equal greater greater_equal lesser lesser_equal")
_BINARY = words("hypot maximum minimum mod power")
_EVERY = ["add", "sub", "mul", "div", *_BINARY]
_SCALAR = [
    *(case(f"{name}_scalar", between(0.3, 3, 3, 4), scalar=1.7) for name in _SCALARS),
    *(case(f"{name}_scalar", some_equal(3, 4), scalar=1.0) for name in ("_maximum", "_minimum")),
    *(
        case(f"{name}_scalar", between(-5, 5, 3, 4), scalar=s)
        for name in ("_mod",)
        for s in (3, -3)
    ),
    *(case("_rmod_scalar", between(0.5, 3, 3, 4), scalar=s) for s in (4.0, -4.0)),
    still("_mod_scalar", normal(4), scalar=0.0),
    *(case("_power_scalar", between(0.3, 3, 3, 4), scalar=s) for s in (2.0, 0.5, -1.5, 0.0)),
    case("_power_scalar", normal(3, 4), scalar=2.0),
    case("_rpower_scalar", normal(3, 4), scalar=1.7),
    *(case(f"_{name}_scalar", some_equal(3, 4), scalar=1.0) for name in _COMPARISONS),
    *(still(f"{n}_scalar", whole(1, 9, 5), scalar=2.6) for n in ("_plus", "_mul", "_div", "_mod")),
    still("_plus_scalar", whole(0, 256, 5, dtype="uint8"), scalar=100.0),
    case("_mul_scalar", normal(4), scalar=0.5, is_int=False),
]
_PAIRS = [
    *(case(f"_{name}", between(0.3, 3, 3, 4), between(0.3, 3, 3, 4)) for name in _BINARY),
    *(case(f"_{name}", some_equal(3, 4), some_equal(3, 4)) for name in ("maximum", "minimum")),
    *(case(f"_{name}", some_equal(3, 4), some_equal(3, 4)) for name in _COMPARISONS),
    *(
        case(f"elemwise_{name}", normal(2, 3), between(0.5, 2, 2, 3))
        for name in ("add", "sub", "mul", "div")
    ),
    *(
        case(f"broadcast_{name}", between(0.3, 3, *left), between(0.3, 3, *right))
        for name in _EVERY
        for left, right in [((2, 3, 4), (1, 3, 1)), ((1, 4), (3, 1)), ((5,), (5,))]
    ),
    *(case(f"broadcast_{name}", some_equal(3, 1), some_equal(1, 4)) for name in _COMPARISONS),
    *(
        case(f"broadcast_{name}", some_equal(3, 4), some_equal(1, 4))
        for name in ("maximum", "minimum")
    ),
    case("broadcast_mod", between(-5, 5, 4, 3), exactly([2.0, -2.0, 0.7])),
    still("broadcast_mod", whole(-9, 9, 6), whole(1, 5, 6)),
    still("elemwise_add", whole(0, 256, 6, dtype="uint8"), whole(0, 256, 6, dtype="uint8")),
    case("add_n", normal(2, 3)),
    case("add_n", normal(2, 3), normal(2, 3), normal(2, 3)),
    Case("where", (some_equal(3, 4), normal(3, 4), normal(3, 4)), fixed=(0,)),
    Case("where", (exactly(0, 1, 1), normal(3, 4), normal(3, 4)), fixed=(0,)),
]
_PRODUCTS = [
    case("dot", normal(3, 4), normal(4, 5)),
    case("dot", normal(4, 3), normal(4, 5), transpose_a=True),
    case("dot", normal(3, 4), normal(5, 4), transpose_b=True),
    case("dot", normal(4, 3), normal(5, 4), transpose_a=True, transpose_b=True),
    case("dot", normal(6), normal(6)),
    case("dot", normal(4), normal(4, 5)),
    still("dot", normal(2, 3, 4), normal(4, 5)),
    still("dot", normal(4, 2, 3), normal(4, 5), transpose_a=True),
    case("batch_dot", normal(2, 3, 4), normal(2, 4, 5)),
    case("batch_dot", normal(2, 4, 3), normal(2, 5, 4), transpose_a=True, transpose_b=True),
]

CASES = [*_SCALAR, *_PAIRS, *_PRODUCTS]
