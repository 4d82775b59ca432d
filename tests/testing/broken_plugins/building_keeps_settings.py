"""It changes how everybody's arrays are printed."""

import numpy as np

from .good import Net


def build(*, classes=10):
    np.set_printoptions(precision=3)
    return Net(classes=classes)
