"""Random numbers of a step, from the seed, the epoch and the batch alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor


class Generator:
    """Draws on a device, one tensor after the other.

    Example:
        >>> draw = Generator(torch.device("cpu"))
        >>> draw.begin(seed=1, epoch=0, batch=0)
        >>> first = draw.uniform((3,))
        >>> draw.begin(seed=1, epoch=0, batch=0)
        >>> bool((draw.uniform((3,)) == first).all())
        True
    """

    def __init__(self, device: torch.device):
        self._device = device
        self._generator = torch.Generator(device)

    def begin(self, seed: int, epoch: int, batch: int) -> None:
        """Begin with the numbers of a batch; the order of the images has others."""
        state = np.random.SeedSequence([seed, epoch, batch, 2]).generate_state(1, np.uint64)
        self._generator.manual_seed(int(state[0] >> np.uint64(1)))

    def uniform(self, shape: Sequence[int]) -> Tensor:
        return torch.rand(tuple(shape), generator=self._generator, device=self._device)

    def normal(self, shape: Sequence[int]) -> Tensor:
        return torch.randn(tuple(shape), generator=self._generator, device=self._device)
