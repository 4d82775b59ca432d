"""It makes itself reproducible, and everybody else."""

import numpy as np

np.random.seed(0)


def build(*, classes=10): ...
