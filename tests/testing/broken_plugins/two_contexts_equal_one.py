"""It knows one device."""

import mxnet as mx

from .good import Net


class build(Net):
    def initialize(self, init="uniform", ctx=None, **options):
        super().initialize(init, ctx=mx.cpu(0), **options)
