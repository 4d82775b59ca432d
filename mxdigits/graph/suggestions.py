"""Suggestions of what to use instead of an operator that no file may use."""

from __future__ import annotations

# MXNet's functions that give the same result, by MXNet's name of the operator.
_INSTEAD = {
    "_contrib_interleaved_matmul_encdec_qk": "reshape, split and batch_dot",
    "_contrib_interleaved_matmul_encdec_valatt": "reshape, split and batch_dot",
    "_contrib_interleaved_matmul_selfatt_qk": "reshape, split and batch_dot",
    "_contrib_interleaved_matmul_selfatt_valatt": "reshape, split and batch_dot",
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

# Operators of detectors, which turn a network's outputs into boxes.
_OF_BOXES = {
    "MultiProposal",
    "Proposal",
    "ROIPooling",
    "_contrib_MultiBoxDetection",
    "_contrib_MultiBoxPrior",
    "_contrib_MultiBoxTarget",
    "_contrib_MultiProposal",
    "_contrib_Proposal",
    "_contrib_ROIAlign",
    "_contrib_box_decode",
    "_contrib_box_nms",
    "_contrib_box_non_maximum_suppression",
}


def suggestion_for(operator: str) -> str:
    """What to add to an operator's error message; empty if no function gives the same result.

    Example:
        >>> suggestion_for("nansum")
        '; in its block write sum in place of it, load the same parameters and export it again'
        >>> suggestion_for("_contrib_box_nms")[:60]
        '; boxes are left to the program that uses the network: write'
        >>> suggestion_for("Custom")
        ''
    """
    if operator in _OF_BOXES:
        return (
            "; boxes are left to the program that uses the network: write a file that ends before "
            "it: from mxdigits import import_mxnet; mx = import_mxnet(); "
            "mx.sym.load(FILE).get_internals()['NAME_output'].save(NEW)"
        )
    other = _INSTEAD.get(operator)
    if other is None:
        return ""
    return (
        f"; in its block write {other} in place of it, load the same parameters and export it again"
    )
