"""Cases of what orders numbers."""

from __future__ import annotations

from backends.cases import case, distinct, some_equal, still, whole

TYPES = ("indices", "value", "mask", "both")

CASES = [
    *(
        case("sort", distinct(3, 4, 5), axis=axis, is_ascend=ascending)
        for axis in (-1, 0, 1, None)
        for ascending in (True, False)
    ),
    case("sort", distinct(2, 70)),
    case("sort", some_equal(3, 9), is_ascend=False),
    still("sort", whole(0, 9, 3, 5), is_ascend=False),
    *(
        case("argsort", distinct(3, 4, 5), axis=axis, is_ascend=ascending)
        for axis in (-1, 0, None)
        for ascending in (True, False)
    ),
    still("argsort", some_equal(3, 9), is_ascend=False),
    still("argsort", some_equal(3, 9), dtype="int32"),
    *(
        case("topk", distinct(3, 4, 5), k=2, ret_typ=kind, axis=axis, is_ascend=ascending)
        for kind in TYPES
        for axis in (-1, 1, None)
        for ascending in (True, False)
    ),
    *(case("topk", distinct(2, 40), k=k, ret_typ=kind) for kind in TYPES for k in (1, 0, 40)),
    *(still("topk", some_equal(4, 9), k=3, ret_typ=kind) for kind in TYPES),
    still("topk", whole(0, 9, 3, 5, dtype="uint8"), k=2, ret_typ="mask"),
    still("topk", distinct(3, 5), k=2, ret_typ="both", dtype="int32"),
]
