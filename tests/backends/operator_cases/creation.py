"""Cases of what makes arrays without an input, or in the shape of one."""

from __future__ import annotations

from backends.cases import normal, still

CASES = [
    *(
        still("_contrib_arange_like", normal(3, 4), **options)
        for options in [
            {},
            {"axis": 1},
            {"axis": -1, "start": 2.5, "step": 0.5},
            {"repeat": 2, "start": 1.0},
            {"axis": 1, "repeat": 2},
        ]
    ),
    still("_full", shape=(2, 3), value=0.3),
    still("_full", shape=(2,), value=7.9, dtype="int32"),
    still("_ones", shape=(2, 3)),
    still("_zeros", shape=(3,), dtype="uint8"),
]
