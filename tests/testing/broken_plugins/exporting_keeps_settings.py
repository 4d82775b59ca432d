"""Its way to print arrays stays."""

import numpy as np

from mxdigits.export.mxnet import MXNet


class build(MXNet):
    def write(self, network, target, options):
        np.set_printoptions(precision=3)
        super().write(network, target, options)
