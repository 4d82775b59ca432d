"""It silences warnings, for everybody."""

import numpy as np

np.seterr(divide="ignore")


def build(*, classes=10): ...
