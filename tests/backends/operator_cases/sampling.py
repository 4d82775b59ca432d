"""Cases of what samples images between their pixels."""

from __future__ import annotations

from backends.cases import between, case, normal

_STN = {"transform_type": "affine", "sampler_type": "bilinear", "target_shape": (4, 3)}

CASES = [
    case("BilinearSampler", normal(2, 3, 5, 6), between(-1.3, 1.3, 2, 2, 4, 3)),
    case("GridGenerator", normal(2, 6), transform_type="affine", target_shape=(4, 5)),
    case("GridGenerator", normal(2, 2, 4, 5), transform_type="warp"),
    *(
        case("SpatialTransformer", normal(2, *image), between(-0.8, 0.8, 2, 6), **_STN)
        for image in [(3, 5, 6), (1, 4, 4)]
    ),
]
