"""Suggestions of what to use instead of an operator that no file may use."""

from __future__ import annotations

# MXNet's functions that give the same result, by MXNet's name of the operator.
_INSTEAD = {
    "Crop": "slice_axis or slice_like",
    "SequenceLast": "(where all sequences are of one length) slice_axis and squeeze",
    "SequenceMask": "where, with a mask that broadcast_lesser makes of the lengths,",
    "SequenceReverse": "(where all sequences are of one length) reverse",
    "SoftmaxActivation": "softmax (for mode='channel' with axis=1)",
    "_arange": "a constant of the block: self.params.get_constant",
    "_linalg_gemm2": "batch_dot",
    "_split_v2": "split or slice_axis",
    "broadcast_logical_and": "broadcast_mul",
    "broadcast_logical_or": "broadcast_maximum",
    "depth_to_space": "reshape and transpose",
    "moments": "mean, and the mean of the squares",
    "nansum": "sum",
    "reshape_like": "reshape",
    "space_to_depth": "reshape and transpose",
}


def suggestion_for(operator: str) -> str:
    """What to add to an operator's error message; empty if no function gives the same result.

    Example:
        >>> suggestion_for("nansum")
        '; in its block write sum in place of it, load the same parameters and export it again'
        >>> suggestion_for("Custom")
        ''
    """
    other = _INSTEAD.get(operator)
    if other is None:
        return ""
    return (
        f"; in its block write {other} in place of it, load the same parameters and export it again"
    )
