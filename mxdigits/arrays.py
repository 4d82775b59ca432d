"""Names for the types of NumPy arrays, by their content and shape, and for a shape itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Shape = tuple[int, ...]  # the sizes of an array, or of one image, from its first axis to its last

AnyArray = NDArray[Any]  # the dtype comes from a file or a user; it is checked where it matters
Numbers = NDArray[np.number[Any]]  # any numeric dtype
Integers = NDArray[np.int64]
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]

Images = NDArray[np.uint8]  # (N, C, H, W)
Pixels = NDArray[np.uint8]  # of one image, (C, H, W) or (H, W)
Labels = NDArray[np.int64]  # (N,), each less than the number of classes
Logits = NDArray[np.float32]  # (N, classes)
Probabilities = NDArray[np.float32]  # (N, classes)
Arrays = Mapping[str, Numbers]  # weights, statistics and the state of an optimizer, by name
