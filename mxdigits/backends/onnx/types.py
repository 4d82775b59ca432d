"""Names for the types in ONNX files and in onnxruntime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Union

import numpy as np

DType = np.dtype[Any]  # of any kind; finfo and iinfo of NumPy take no np.generic
NodeAttribute = Union[int, float, str, Sequence[int], Sequence[str]]  # of a node
Provider = Union[str, tuple[str, Mapping[str, int]]]  # of onnxruntime: a device, and its options
