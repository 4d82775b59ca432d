"""Cases of what joins arrays and splits one."""

from __future__ import annotations

from backends.cases import case, normal

CASES = [
    case("SliceChannel", normal(2, 6, 3), num_outputs=3),
    case("SliceChannel", normal(2, 6, 3), num_outputs=3, axis=2, squeeze_axis=True),
    case("SliceChannel", normal(2, 4), num_outputs=2, axis=-1),
    case("Concat", normal(2, 3), normal(2, 4), normal(2, 1)),
    case("Concat", normal(2, 3, 1), normal(4, 3, 1), dim=0),
    case("Concat", normal(2, 3), normal(2, 3), dim=-1),
    case("stack", normal(2, 3), normal(2, 3)),
    case("stack", normal(2, 3), normal(2, 3), normal(2, 3), axis=1),
    case("stack", normal(2, 3), axis=-1),
]
