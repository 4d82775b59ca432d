"""Measures the time of a training step by operator with PyTorch's profiler."""

from __future__ import annotations

import os

import torch
from torch.profiler import ProfilerActivity
from torch.profiler import profile as profiler

from ..profiling import Measured, OperatorTime, Work, by_time

_HOW = (
    "by PyTorch's profiler, in PyTorch's own operators, each without those that it calls; on a "
    "GPU, by kernel"
)


def profile(work: Work) -> Measured:
    """Train under PyTorch's profiler.

    >>> profile(work).operators[0].name  # doctest: +SKIP
    'aten::convolution_backward'
    """
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # keeps its log off standard error
    fit = work.begin()
    on_gpu = torch.cuda.is_available()
    kinds = [ProfilerActivity.CPU, *[ProfilerActivity.CUDA] * on_gpu]
    with profiler(activities=kinds) as found:
        work.train(fit)
    events = found.key_averages()
    # For a GPU, only its kernels count: the CPU just queues them.
    there = sum(_on_device(each) for each in events)
    times = [
        (each.key, each.count, _on_device(each) if there else each.self_cpu_time_total)
        for each in events
    ]
    return Measured(
        by_time(
            OperatorTime(name, count / work.steps, microseconds / 1e6 / work.steps)
            for name, count, microseconds in times
            if microseconds
        ),
        _HOW,
    )


def _on_device(event: object) -> float:
    """An event's microseconds on the device; PyTorch has renamed the attribute."""
    for name in ("self_device_time_total", "self_cuda_time_total"):
        if (found := getattr(event, name, None)) is not None:
            return float(found)
    return 0.0
