"""It names a file in another folder."""

from pathlib import Path

from mxdigits.export.mxnet import MXNet


class build(MXNet):
    def files(self, target):
        return target, Path("elsewhere", "weights.params")
