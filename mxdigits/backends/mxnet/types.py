"""Names for MXNet's things, which have no types of their own: it ships neither hints nor stubs.

The names say which of its classes is meant; to a type checker each is ``Any``.
"""

from typing import Any

MXNet = Any  # the module mxnet
Network = Any  # mxnet.gluon.HybridBlock
Initializer = Any  # mxnet.initializer.Initializer
Parameter = Any  # mxnet.gluon.Parameter
Symbol = Any  # mxnet.sym.Symbol
MXArray = Any  # mxnet.nd.NDArray
Device = Any  # mxnet.Context
Optimizer = Any  # mxnet.optimizer.Optimizer
Updater = Any  # mxnet.optimizer.Updater
Operators = Any  # the module mxnet.nd or mxnet.sym, which Gluon calls F
KVStore = Any  # mxnet.kv.KVStore
