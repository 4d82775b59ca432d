"""Names for NumPy's arrays, by what is in them and in which form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

AnyArray = NDArray[Any]  # of a dtype that a file or a user decides, checked where it matters
Numbers = NDArray[np.number[Any]]  # of any dtype that can be calculated with
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
Arrays = Mapping[str, Numbers]  # weights, statistics and what an optimizer remembers, by name
