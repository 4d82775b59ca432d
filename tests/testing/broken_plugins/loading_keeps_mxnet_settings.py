"""It likes MXNet with NumPy's shapes, and lets nobody choose."""

import mxnet as mx

mx.util.set_np_shape(True)


def build(*, classes=10): ...
