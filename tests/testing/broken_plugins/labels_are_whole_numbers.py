"""Its labels are one-hot."""

import numpy as np

from .good import splits


def build():
    return {part: (images, np.eye(2)[labels]) for part, (images, labels) in splits().items()}
