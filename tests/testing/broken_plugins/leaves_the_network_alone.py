"""It rounds the weights in place."""

from mxdigits.export.mxnet import MXNet


class build(MXNet):
    def write(self, network, target, options):
        for array in network.arrays.values():
            array.round(5, out=array)
        super().write(network, target, options)
