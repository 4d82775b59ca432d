"""It seeds everybody's generator."""

import numpy as np

from .good import splits


def build():
    np.random.seed(0)
    return splits()
