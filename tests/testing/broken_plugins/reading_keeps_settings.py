"""It changes how everybody's arrays are printed."""

import numpy as np

from .good import splits


def build():
    np.set_printoptions(precision=3)
    return splits()
