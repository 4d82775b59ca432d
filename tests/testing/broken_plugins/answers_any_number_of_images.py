"""It answers as many images as the first time, and no fewer."""

import numpy as np

from mxdigits.export.mxnet import MXNet


class build(MXNet):
    def load(self, target):
        predict = super().load(target)
        return lambda images: predict(np.resize(images, (7, *images.shape[1:])))
