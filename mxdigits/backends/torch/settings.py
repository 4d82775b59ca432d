"""PyTorch's settings while it computes here; other code in this process does not see them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def computing(precision: str = "float32", *, repeatable: bool = False) -> Iterator[None]:
    """Set how products are rounded, and whether results must have the same bits each time.

    Args:
        precision: ``tf32`` lets GPUs round the factors of products; the others do not.
        repeatable: whether to use only operations that give the same bits each time.

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
    torch.utils.deterministic.fill_uninitialized_memory = False  # nothing reads such memory
    try:
        yield
    finally:
        matmul.allow_tf32, cudnn.allow_tf32, cudnn.deterministic, cudnn.benchmark = before
        torch.set_deterministic_debug_mode(strict)
        torch.utils.deterministic.fill_uninitialized_memory = filling
