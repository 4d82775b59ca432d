"""Which images of the training set a worker takes for each batch.

Where a piece of a batch has fewer images than there are workers, some of them look at an image that
counts for nothing; see :class:`~mxdigits.backends.team.agreement.Part`.
"""

from __future__ import annotations

import numpy as np

from ..batches import Order, batches
from ..team.agreement import Team, parts_of


class Rows:
    """The places of a worker's images in the order of an epoch, batch by batch.

    Args:
        team: the workers.
        samples: the images of an epoch, of all workers.
        batch_size: images a step.
        accumulate: in how many pieces a batch is computed.
        own_alone: whether the order is one of this worker's images alone.

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
        """Where those of a batch lie among them."""
        return self._ends[batch], self._ends[batch + 1]
