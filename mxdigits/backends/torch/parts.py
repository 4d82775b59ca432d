"""Computes a batch in parts and adds up the gradients, with the memory of one part only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Callable, NamedTuple, Optional

from torch import Tensor

from ..team.agreement import Part, Team
from .operators.types import Draw, Others
from .team import ProcessGroup
from .whole_batch import OtherImages, PartDraw, summed


class Batch(NamedTuple):
    """A batch on the device: uint8 (n, C, H, W), int64 (n,), and a generator of random numbers.

    ``teacher`` holds the arrays of the teacher, if there is one. ``whole`` is the number of images
    of the batch over all workers, 0 if all are here; ``others`` are the workers that have the rest.
    An image without a label has weight 0.

    Example:
        >>> import torch
        >>> images = torch.zeros((5, 1, 28, 28), dtype=torch.uint8)
        >>> len(Batch(images, torch.zeros(5, dtype=torch.int64), None).labels)
        5
    """

    images: Tensor
    labels: Tensor
    draw: Draw
    teacher: dict[str, Tensor] = {}
    whole: int = 0
    others: Optional[Others] = None


class PartResult(NamedTuple):
    """The results of a batch or a part of one, summed over its images; and the new statistics.

    Example:
        >>> import torch
        >>> PartResult({}, {}, torch.tensor(2.5), torch.tensor(7)).correct.item()
        7
    """

    gradients: dict[str, Tensor]
    statistics: dict[str, Tensor]
    total: Tensor
    correct: Tensor


# Computes a part's results from the statistics before it.
_Learn = Callable[["dict[str, Tensor]", Batch], PartResult]


def divided(batch: Batch, parts: Sequence[Part], team: Team) -> Iterator[Batch]:
    """This worker's part of each piece of a batch; pieces are computed one after the other.

    Args:
        batch: the images of this worker.
        parts: how many of each piece's images are this worker's, and how many of these count.
        team: the workers that share each batch.

    Example:
        >>> import torch
        >>> from mxdigits.backends.team.agreement import Alone
        >>> batch = Batch(torch.zeros((5, 1, 2, 2)), torch.arange(5), None)
        >>> parts = [Part(0, 3, 3), Part(0, 2, 2)]
        >>> [each.labels.tolist() for each in divided(batch, parts, Alone())]
        [[0, 1, 2], [3, 4]]
    """
    begin = 0
    for part in parts:
        end = begin + part.own
        piece = batch._replace(
            images=batch.images[begin:end], labels=batch.labels[begin : begin + part.counted]
        )
        if isinstance(team, ProcessGroup):
            others = OtherImages(team, part.whole)
            piece = piece._replace(draw=PartDraw(batch.draw, part), others=others)
        yield piece
        begin = end


def in_parts(learn: _Learn, statistics: dict[str, Tensor], parts: Iterable[Batch]) -> PartResult:
    """The results of a batch that is computed part by part; see ``accumulate``.

    Args:
        learn: computes a part's results from the statistics before it and the part.
        statistics: the statistics before the batch.
        parts: at least one.

    Example:
        >>> import torch
        >>> def learn(statistics, part):
        ...     total = part.labels.sum()
        ...     return PartResult({"w": part.images.sum()}, statistics, total, torch.tensor(1))
        >>> parts = [Batch(torch.ones(n, 1), torch.arange(n), None) for n in (3, 2)]
        >>> found = in_parts(learn, {}, parts)
        >>> found.gradients["w"].tolist(), found.total.tolist(), found.correct.tolist()
        (5.0, 4, 2)
    """
    result: Optional[PartResult] = None
    for part in parts:
        now = learn(statistics, part)
        result = now if result is None else _together(result, now)
        statistics = result.statistics
    assert result is not None  # a batch has images
    return result


def of_all(own: PartResult, team: Team) -> PartResult:
    """The summed results of all workers' parts of a batch; statistics are the same in each.

    Example:
        >>> import torch
        >>> from mxdigits.backends.team.agreement import Alone
        >>> own = PartResult({}, {}, torch.tensor(2.5), torch.tensor(7))
        >>> of_all(own, Alone()) is own
        True
    """
    if not isinstance(team, ProcessGroup):
        return own
    gradients, (total, correct) = summed(team, own.gradients, [own.total, own.correct])
    return PartResult(gradients, own.statistics, total, correct)


def _together(before: PartResult, now: PartResult) -> PartResult:
    gradients = {name: before.gradients[name] + each for name, each in now.gradients.items()}
    total, correct = before.total + now.total, before.correct + now.correct
    return PartResult(gradients, now.statistics, total, correct)
