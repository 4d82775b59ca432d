"""Checks the environment variables that MXNet reads, before it reads them.

With a value that it does not understand, MXNet ends the process, hangs at exit, where no exception
can be caught, or fails in the middle of a run. The variables listed here were found by training
with each variable of MXNet 1.9.1 set to nonsense, and to -1; those that did no harm are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_MOST_THREADS = 1024
_WORDS = {
    "MXNET_ENGINE_TYPE": ("NaiveEngine", "ThreadedEngine", "ThreadedEnginePerDevice"),
    "MXNET_SUBGRAPH_BACKEND": ("NONE", "MKLDNN", "MKLDNN_QUANTIZE", "default", "default_v2"),
    # As a server or scheduler, MXNet would serve other processes and never train.
    "DMLC_ROLE": ("worker",),
}

_THREADS = (
    "OMP_NUM_THREADS",
    "MXNET_CPU_PRIORITY_NTHREADS",
    "MXNET_CPU_WORKER_NTHREADS",
    "MXNET_GPU_COPY_NTHREADS",
    "MXNET_GPU_WORKER_NTHREADS",
)
_COUNTS = (
    "MXNET_CPU_PARALLEL_RAND_COPY",
    "MXNET_CPU_PARALLEL_SIZE",
    "MXNET_CPU_TEMP_COPY",
    "MXNET_DISABLE_MKLDNN_CONV_OPT",
    "MXNET_DISABLE_MKLDNN_FC_OPT",
    "MXNET_DISABLE_MKLDNN_FUSE_CONV_BN",
    "MXNET_DISABLE_MKLDNN_FUSE_CONV_RELU",
    "MXNET_DISABLE_MKLDNN_FUSE_CONV_SUM",
    "MXNET_DISABLE_MKLDNN_TRANSFORMER_OPT",
    "MXNET_EXEC_BULK_EXEC_MAX_NODE_TRAIN",
    "MXNET_EXEC_BULK_EXEC_MAX_NODE_TRAIN_BWD",
    "MXNET_EXEC_BULK_EXEC_MAX_NODE_TRAIN_FWD",
    "MXNET_EXEC_INPLACE_GRAD_SUM_CAP",
    "MXNET_GPU_PARALLEL_RAND_COPY",
    "MXNET_GPU_TEMP_COPY",
    "MXNET_MP_OPENCV_NUM_THREADS",
    "MXNET_MP_WORKER_NTHREADS",
    "MXNET_OMP_MAX_THREADS",
    "MXNET_PROFILER_AUTOSTART",
    "MXNET_PROFILER_MODE",
    "MXNET_USE_NUM_CORES_OPERATOR_TUNING",
)
_NUMBERS = (
    "MXNET_BACKWARD_DO_MIRROR",
    "MXNET_ENABLE_CYTHON",
    "MXNET_ENFORCE_CYTHON",
    "MXNET_OPTIMIZER_AGGREGATION_SIZE",
    "MXNET_SUBGRAPH_VERBOSE",
)
_SWITCHES = (
    "MXNET_DISABLE_MKLDNN_FUSE_FC_ELTWISE",
    "MXNET_DISABLE_MKLDNN_QEM_FLOAT_OUTPUT",
    "MXNET_DISABLE_MKLDNN_QEM_FUSE_ALL",
    "MXNET_DISABLE_MKLDNN_QFC_FLOAT_OUTPUT",
    "MXNET_DISABLE_MKLDNN_QFC_FUSE_ALL",
    "MXNET_DISABLE_MKLDNN_QTRANSFORMER_FLOAT_OUTPUT",
    "MXNET_DISABLE_MKLDNN_QTRANSFORMER_FUSE_ALL",
    "MXNET_ELIMINATE_COMMON_EXPR",
    "MXNET_ENGINE_INFO",
    "MXNET_EXEC_BULK_EXEC_INFERENCE",
    "MXNET_EXEC_BULK_EXEC_TRAIN",
    "MXNET_EXEC_VERBOSE_LOGGING",
    "MXNET_INFER_STORAGE_TYPE_VERBOSE_LOGGING",
    "MXNET_KVSTORE_LOGTREE",
    "MXNET_MEM_PLAN_VERBOSE_LOGGING",
    "MXNET_MKLDNN_DEBUG",
    "MXNET_MKLDNN_ENABLED",
    "MXNET_MKLDNN_FORCE_FC_AB_FORMAT",
    "MXNET_OUTPUT_TUNING_DATA",
    "MXNET_VERBOSE_TUNING_INFO",
)

_WHOLE = re.compile(r"\s*\+?\d{1,9}\s*", re.ASCII)
_SIGNED = re.compile(r"\s*[-+]?\d{1,9}\s*", re.ASCII)
_DECIMAL = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,2})?\s*", re.ASCII | re.IGNORECASE)


def environment_problem(environment: Mapping[str, str]) -> str:
    """The first variable with a value that MXNet cannot take, and what to write; else empty.

    >>> environment_problem({"MXNET_CPU_WORKER_NTHREADS": "many"})
    "MXNET_CPU_WORKER_NTHREADS='many' must be a whole number from 1 to 1024; or unset it"
    """
    for name, text in sorted(environment.items()):
        wanted = _wanted(name, text) if text else ""  # MXNet also treats empty as unset
        if wanted:
            return f"{name}={text!r} must be {wanted}; or unset it"
    return ""


def _wanted(name: str, text: str) -> str:
    """What a variable's value must be; empty if its value is valid."""
    if words := _WORDS.get(name):
        return "" if text in words else f"{'one of ' * (len(words) > 1)}{', '.join(words)}"
    if name in _THREADS:
        fine = _WHOLE.fullmatch(text) and 1 <= int(text) <= _MOST_THREADS
        return "" if fine else f"a whole number from 1 to {_MOST_THREADS}"
    if name in _COUNTS:
        return "" if _WHOLE.fullmatch(text) else "a whole number"
    if name in _NUMBERS:
        return "" if _SIGNED.fullmatch(text) else "a whole number"
    if name in _SWITCHES:
        return "" if text.lower() in ("0", "1", "true", "false") else "0 or 1"
    if name == "MXNET_MKLDNN_CACHE_NUM":
        return "" if _SIGNED.fullmatch(text) else "a whole number, or -1 for no limit"
    if name == "MXNET_TUNING_WEIGHT_SCALE":
        return "" if _DECIMAL.fullmatch(text) else "a number"
    return ""
