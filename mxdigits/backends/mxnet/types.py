"""Names for MXNet's types, because MXNet ships neither hints nor stubs.

The names say which class is meant; for a type checker each is ``Any``.
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
