"""Cases of operators that look at one element of one array at a time."""

from __future__ import annotations

from backends.cases import (
    between,
    case,
    exactly,
    normal,
    some_equal,
    still,
    whole,
    words,
)

_DOMAINS: dict[str, tuple[float, float]] = {
    **dict.fromkeys(words("arccos arcsin arctanh erfinv"), (-0.9, 0.9)),
    "arccosh": (1.1, 4),
    **dict.fromkeys(words("log log10 log2 sqrt rsqrt cbrt rcbrt reciprocal"), (0.2, 5)),
    "gamma": (0.3, 4),
    "gammaln": (0.3, 6),
    "log1p": (-0.8, 5),
    "tan": (-1.2, 1.2),
}
_SMOOTH = words(
    "_contrib_div_sqrt_dim _copy abs arccos arccosh arcsin arcsinh arctan arctanh cbrt cos cosh "
    "degrees erf erfinv exp expm1 gamma gammaln log log10 log1p log2 negative radians rcbrt "
    "reciprocal relu rsqrt sigmoid sin sinh softsign sqrt square tan tanh"
)
_STEPS = words("BlockGrad ceil fix floor logical_not ones_like rint round sign trunc zeros_like")
_HALVES = exactly(-2.5, -1.5, -0.5, -0.0, 0.0, 0.49999997, 0.5, 1.5, 2.5, 3.0, 1e7)

CASES = [
    *(case(name, between(*_DOMAINS.get(name, (-3, 3)), 4, 6)) for name in _SMOOTH),
    *(case(name, between(*_DOMAINS.get(name, (-3, 3)), 2, 3, 2, 2)) for name in _SMOOTH),
    *(still(name, _HALVES) for name in _STEPS),
    *(case(name, normal(3, 4)) for name in _STEPS if name != "ones_like"),
    *(still(n, whole(-4, 5, 6)) for n in words("abs negative relu sign square logical_not")),
    *(still(n, whole(1, 9, 6)) for n in words("exp sqrt floor")),
    case("gamma", exactly(-0.5, -1.5, -2.3)),
    case("abs", some_equal(3, 4)),
    case("relu", some_equal(3, 4)),
    *(case("Activation", normal(3, 5), act_type=kind) for kind in words("relu sigmoid tanh")),
    *(case("Activation", between(-30, 30, 3, 5), act_type=k) for k in ("softrelu", "softsign")),
    case("Activation", some_equal(2, 3, 2, 2), act_type="relu"),
    case("clip", some_equal(4, 5), a_min=-1.0, a_max=1.0),
    case("clip", normal(4, 5), a_min=-0.3, a_max=0.7),
    still("clip", whole(-5, 6, 7), a_min=-0.5, a_max=2.5),
    case("hard_sigmoid", between(-4, 4, 3, 7)),
    case("hard_sigmoid", some_equal(3, 4), alpha=0.5, beta=0.5),
    case("smooth_l1", between(-3, 3, 3, 7)),
    case("smooth_l1", some_equal(3, 7), scalar=2.0),
    *(still("Cast", between(-3, 300, 5), dtype=t) for t in ("uint8", "int32", "bool", "float16")),
    still("Cast", whole(0, 256, 5, dtype="uint8"), dtype="float32"),
    still("Cast", between(-3, 300, 5), dtype="int8"),
    case("Cast", normal(4), dtype="float32"),
    *(
        still("_contrib_dequantize", whole(-127, 128, 2, 3, dtype="int8"), *bounds)
        for bounds in [(exactly(-0.5), exactly(2.0)), (exactly(-3.0), exactly(1.0))]
    ),
    still("_contrib_dequantize", whole(0, 256, 2, 3, dtype="uint8"), exactly(0.0), exactly(1.5)),
]
