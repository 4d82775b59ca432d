"""Finds the images of the training set that a worker takes for each batch.

If a piece of a batch has fewer images than there are workers, some workers compute an image with
weight 0; see :class:`~mxdigits.backends.team.agreement.Part`.
"""

from __future__ import annotations

import numpy as np

from ..batches import Order, batches
from ..team.agreement import Team, parts_of


class Rows:
    """The places of a worker's images in the order of an epoch, batch by batch.

    Args:
        team: the workers.
        samples: the number of images in an epoch, over all workers.
        batch_size: images per step.
        accumulate: the number of pieces in which a batch is computed.
        own_alone: whether the order is only of this worker's images.

    Example:
        >>> from mxdigits.backends.team.agreement import Alone
        >>> rows = Rows(Alone(), 25, 10, 1, own_alone=False)
        >>> rows.taken(np.arange(25)).tolist() == list(range(25)), rows.bounds(2)
        (True, (20, 25))
    """

    def __init__(
        self, team: Team, samples: int, batch_size: int, accumulate: int, *, own_alone: bool
    ):
        places: list[int] = []
        self._ends = [0]
        used = 0
        for first, end in batches(samples, batch_size):
            for part in parts_of(team, end - first, accumulate):
                begin = first + part.first_seen
                if own_alone:
                    begin, used = used if part.counted else 0, used + part.counted
                places += range(begin, begin + part.own)
                first += part.whole
            self._ends.append(len(places))
        self._places = np.array(places, np.int32)

    def taken(self, order: Order) -> Order:
        """The images of an epoch that this worker takes, batch after batch."""
        return order[self._places]

    def bounds(self, batch: int) -> tuple[int, int]:
        """The bounds of a batch's images among those of :meth:`taken`."""
        return self._ends[batch], self._ends[batch + 1]
