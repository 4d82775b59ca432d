"""Makes a worker's part of a batch give the same results as within the whole batch.

- Random numbers, such as those of dropout and augmentations, are drawn for the whole batch, and
  each worker takes those of its images: the same numbers that one process would draw.
- Batch normalization uses the mean and variance over all workers' images, and its gradient passes
  through them to all these images.
- Gradients, the loss and the correct answers are added up over all workers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import torch
from torch import Tensor

from ..team.agreement import Part, sizes_of
from .operators.types import Draw, Saved
from .team import ProcessGroup


class PartDraw:
    """Draws the random numbers of a whole batch, and gives those of a worker's images.

    Args:
        draw: the generator; it draws the same numbers in all workers.
        part: the worker's part of the batch.

    Example:
        >>> from mxdigits.backends.torch.drawing import Generator
        >>> draw, seed = Generator(torch.device("cpu")), {"seed": 1, "epoch": 0, "batch": 0}
        >>> draw.begin(**seed)
        >>> whole = draw.uniform((5, 2))
        >>> draw.begin(**seed)
        >>> own = PartDraw(draw, Part(3, 5, 5)).uniform((2, 2), by_image=True)
        >>> bool((own == whole[3:]).all())
        True
    """

    def __init__(self, draw: Draw, part: Part):
        self._draw, self._part = draw, part

    def uniform(self, shape: Sequence[int], *, by_image: bool = False) -> Tensor:
        if not by_image or not self._counts_images(shape):
            return self._draw.uniform(shape)
        return self._own(self._draw.uniform(self._whole(shape)))

    def normal(self, shape: Sequence[int], *, by_image: bool = False) -> Tensor:
        if not by_image or not self._counts_images(shape):
            return self._draw.normal(shape)
        return self._own(self._draw.normal(self._whole(shape)))

    def _counts_images(self, shape: Sequence[int]) -> bool:
        """Whether the first axis has equally many rows for each image."""
        return bool(shape) and shape[0] % self._part.own == 0

    def _whole(self, shape: Sequence[int]) -> tuple[int, ...]:
        return (shape[0] // self._part.own * self._part.whole, *shape[1:])

    def _own(self, drawn: Tensor) -> Tensor:
        rows = len(drawn) // self._part.whole
        begin = self._part.first_seen * rows
        return drawn[begin : begin + self._part.own * rows]


class OtherImages:
    """The workers that hold the other images of a batch.

    It is PyTorch's :class:`~mxdigits.backends.torch.operators.types.Others`.

    Args:
        team: this worker and the others.
        whole: the number of images of all workers together.

    Example:
        >>> others = OtherImages(team, 100)  # doctest: +SKIP
        >>> mean, variance = others.moments(own.mean(0), own.var(0))  # doctest: +SKIP
    """

    def __init__(self, team: ProcessGroup, whole: int):
        self._team = team
        self._shares = torch.tensor([[size / whole] for size in sizes_of(team, whole)])

    def moments(self, mean: Tensor, variance: Tensor) -> tuple[Tensor, Tensor]:
        shares = self._shares.to(mean.device, mean.dtype)
        found: tuple[Tensor, Tensor] = _Moments.apply(mean, variance, self._team, shares)
        return found


class _Saved(Saved, Protocol):
    team: ProcessGroup


class _Moments(torch.autograd.Function):
    """Mean and variance over all images, from those over each worker's images."""

    @staticmethod
    def forward(
        context: _Saved, mean: Tensor, variance: Tensor, team: ProcessGroup, shares: Tensor
    ) -> tuple[Tensor, Tensor]:
        means, variances = team.of_all(torch.stack([mean, variance])).unbind(1)
        whole = (means * shares).sum(0)
        # A part's variance about the common mean is its own variance plus its mean's squared
        # distance.
        spread = ((variances + (means - whole).square()) * shares).sum(0)
        context.team = team
        context.save_for_backward(mean - whole, shares[team.rank])
        return whole, spread

    @staticmethod
    def backward(
        context: _Saved, by_mean: Tensor, by_variance: Tensor
    ) -> tuple[Tensor, Tensor, None, None]:
        off, share = context.saved_tensors
        by_mean, by_variance = context.team.of_all(torch.stack([by_mean, by_variance])).sum(0)
        return share * (by_mean + 2 * off * by_variance), share * by_variance, None, None


def summed(
    team: ProcessGroup, gradients: Mapping[str, Tensor], numbers: Sequence[Tensor]
) -> tuple[dict[str, Tensor], list[Tensor]]:
    """Gradients and some numbers, summed over all workers in one exchange.

    Args:
        team: this worker and the others.
        gradients: float32, by name.
        numbers: whole numbers are exact below 2 ** 24.

    Example:
        >>> summed(team, {"w": gradient}, [total, correct])  # doctest: +SKIP
    """
    arrays = [*gradients.values(), *numbers]
    flat = torch.cat([each.detach().float().reshape(-1) for each in arrays])
    parts = team.summed(flat).split([each.numel() for each in arrays])
    found = [part.reshape(each.shape).to(each.dtype) for part, each in zip(parts, arrays)]
    return dict(zip(gradients, found)), found[len(gradients) :]
