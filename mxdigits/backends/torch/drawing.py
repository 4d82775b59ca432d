"""Draws the random numbers of a step, which depend only on the seed, the epoch and the batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

import numpy as np
import torch
from torch import Tensor


class Generator:
    """Draws random tensors on a device, one after the other.

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
        self._begun: Optional[tuple[int, int, int]] = None

    def begin(self, seed: int, epoch: int, batch: int) -> None:
        """Start the random numbers of a batch; the order of the images has its own."""
        self._begun = seed, epoch, batch  # seeded at the first draw only: it takes time

    def uniform(self, shape: Sequence[int], *, by_image: bool = False) -> Tensor:
        return self.into(torch.empty(tuple(shape), device=self._device), "uniform")

    def normal(self, shape: Sequence[int], *, by_image: bool = False) -> Tensor:
        return self.into(torch.empty(tuple(shape), device=self._device), "normal")

    def into(self, memory: Tensor, kind: str) -> Tensor:
        """Draw ``uniform`` or ``normal`` numbers into a tensor, and return it."""
        if self._begun is not None:
            state = np.random.SeedSequence([*self._begun, 2]).generate_state(1, np.uint64)
            self._generator.manual_seed(int(state[0] >> np.uint64(1)))
            self._begun = None
        draw = memory.uniform_ if kind == "uniform" else memory.normal_
        return draw(generator=self._generator)


class Drawn:
    """Repeats the same draws at each step, into the same memory.

    The first step draws when its layers need numbers. Before each later step, :meth:`refill` draws
    its numbers in the same order, and the step uses them.

    Args:
        draw: the generator of the numbers.

    Example:
        >>> draw = Generator(torch.device("cpu"))
        >>> drawn = Drawn(draw)
        >>> drawn.begin()
        >>> memory = drawn.uniform((3,))
        >>> drawn.known()
        >>> draw.begin(seed=1, epoch=0, batch=0)
        >>> drawn.refill()
        >>> drawn.begin()
        >>> drawn.uniform((3,)) is memory
        True
    """

    def __init__(self, draw: Generator):
        self._draw = draw
        self._memory: list[tuple[str, Tensor]] = []
        self._next, self._known = 0, False

    def begin(self) -> None:
        """Begin a step."""
        self._next = 0

    def known(self) -> None:
        """Note that a whole step has drawn: from now on each step repeats its draws."""
        self._known = True

    def refill(self) -> None:
        """Draw the numbers of the next step."""
        for kind, memory in self._memory:
            self._draw.into(memory, kind)

    def uniform(self, shape: Sequence[int], *, by_image: bool = False) -> Tensor:
        return self._taken("uniform", shape)

    def normal(self, shape: Sequence[int], *, by_image: bool = False) -> Tensor:
        return self._taken("normal", shape)

    def _taken(self, kind: str, shape: Sequence[int]) -> Tensor:
        if not self._known:
            drawn: Tensor = getattr(self._draw, kind)(shape)
            self._memory.append((kind, drawn))
        self._next += 1
        return self._memory[self._next - 1][1]
