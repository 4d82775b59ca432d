"""Which images of a training set are held out to validate on."""

from __future__ import annotations

import numpy as np

from ..arrays import Integers


def hold_out(samples: int, held: float, seed: int) -> tuple[Integers, Integers]:
    """Indices to train on and indices to validate on, each ascending.

    Args:
        samples: how many there are.
        held: how many to hold out, or their share where it is below 1.
        seed: the split depends on it and on nothing else.

    Example:
        >>> train, validation = hold_out(10, 0.2, seed=0)
        >>> len(train), len(validation)
        (8, 2)
    """
    count = round(samples * held) if held < 1 else int(held)
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 0, 1])))
    order = random.permutation(samples)
    return np.sort(order[count:]), np.sort(order[:count])
