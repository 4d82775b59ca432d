"""It refuses convolutions."""

from mxdigits.errors import NetworkError
from mxdigits.export.mxnet import MXNet


class build(MXNet):
    def check(self, network, options):
        if "Convolution" in network.graph.operators:
            raise NetworkError(["it has no convolutions"])
