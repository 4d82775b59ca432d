"""What PyTorch is set to while it computes here; nobody else in this process sees it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def computing(precision: str = "float32", *, repeatable: bool = False) -> Iterator[None]:
    """Set how products are rounded, and whether each time must give the same bits.

    Args:
        precision: ``tf32`` lets GPUs round the factors of products; all others do not.
        repeatable: whether only operations are taken that give the same bits each time.

    Example:
        >>> with computing(repeatable=True):
        ...     torch.are_deterministic_algorithms_enabled()
        True
    """
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    before = matmul.allow_tf32, cudnn.allow_tf32, cudnn.deterministic, cudnn.benchmark
    strict = torch.get_deterministic_debug_mode()
    filling = torch.utils.deterministic.fill_uninitialized_memory
    matmul.allow_tf32 = cudnn.allow_tf32 = precision == "tf32"
    cudnn.deterministic, cudnn.benchmark = repeatable, False
    torch.set_deterministic_debug_mode(2 * repeatable)
    torch.utils.deterministic.fill_uninitialized_memory = False  # nothing reads it
    try:
        yield
    finally:
        matmul.allow_tf32, cudnn.allow_tf32, cudnn.deterministic, cudnn.benchmark = before
        torch.set_deterministic_debug_mode(strict)
        torch.utils.deterministic.fill_uninitialized_memory = filling
