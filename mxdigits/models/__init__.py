"""The models that come with mxdigits, one architecture a file."""

from ..runtime import import_mxnet

# A model's file imports MXNet by name, as any plugin's does; this makes it importable first.
import_mxnet()
