"""Operators that make constants."""

from __future__ import annotations

from typing import Optional

import numpy as np

from ..code import Code, Emitter, Layers, NotWritten, Sizes, Value


def _full(number: Optional[float]) -> Emitter:
    def emit(
        w: Layers,
        *batch: Value,
        shape: Optional[Sizes],
        dtype: str,
        ctx: str,
        value: Optional[float] = None,
    ) -> Code:
        if dtype == "bfloat16":
            raise NotWritten("NumPy has no bfloat16 to compare it in; write float32")
        if batch:  # zeros for each image; the length of this input is the number of images
            sizes = ", ".join(str(each) if each else "len($0)" for each in shape or ())
            kind = "" if dtype == "float32" else f", dtype=torch.{dtype}"
            text = f"torch.zeros({sizes}{kind}, device=@0.device)"
            return Code(text, dtype, len(shape or ()), is_zero=True)
        filled = np.array(value if number is None else number).astype(dtype).item()
        text = f"torch.full({tuple(shape or (1,))}, {filled}, dtype=torch.{dtype})"
        return Code(text, dtype, len(shape or (1,)))

    return emit


def arange_like(
    w: Layers,
    data: Value,
    *,
    start: float,
    step: float,
    repeat: int,
    ctx: str,
    axis: Optional[int],
) -> Code:
    """Numbers in equal steps, each ``repeat`` times; as many as the data or one axis has elements.

    Example:
        >>> arange_like(Layers({}, {}), Value(), start=0.0, step=1.0, repeat=1, ctx="", axis=1).text
        'counted_like($0, 0.0, 1.0, 1, 1)'
    """
    text = f"{w.helper('counted_like')}($0, {start}, {step}, {repeat}, {axis})"
    return Code(text, data.dtype, data.rank if axis is None else 1)


EMITTERS: dict[str, Emitter] = {
    "_contrib_arange_like": arange_like,
    "_full": _full(None),
    "_ones": _full(1),
    "_zeros": _full(0),
}
