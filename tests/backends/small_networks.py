"""Small networks of MXNet, data for them, and a fit of two epochs: to test every backend."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest

from mxdigits.backends.base import EpochPosition
from mxdigits.backends.choose import BACKENDS
from mxdigits.backends.mxnet.runtime import import_mxnet, seed_everything

mx = import_mxnet()
nn = mx.gluon.nn

SHAPE = (1, 16, 16)


def backend_class(name: str) -> Any:
    """The class of a backend; the test is skipped where its library is not installed."""
    library = {"mxnet": "mxnet", "xla": "jax", "torch": "torch"}[name]
    pytest.importorskip(library, reason=f"the backend {name} needs {library}")
    module, _, found = BACKENDS[name].backend.partition(":")
    return getattr(import_module(module), found)


def small_network(*layers):
    """Such layers, initialised, with four outputs."""
    seed_everything(3)
    network = nn.HybridSequential()
    network.add(*layers, nn.Dense(4))
    network.initialize("xavier")
    network.hybridize()
    network(mx.nd.zeros((1, *SHAPE)))
    return network


def with_statistics():
    convolution = nn.Conv2D(3, 3, strides=2, use_bias=False)
    return small_network(convolution, nn.BatchNorm(), nn.Activation("relu"))


def dense():
    return small_network(nn.Dense(8, activation="tanh"))


def with_dropout():
    return small_network(nn.Dense(8, activation="relu"), nn.Dropout(0.5))


def data(count=47):
    random = np.random.default_rng(5)
    images = random.integers(0, 256, (count, *SHAPE)).astype(np.uint8)
    return images, random.integers(0, 4, count)


def trained(backend, *, epochs=2, batch_size=10, rate=0.05):
    """The progress of each epoch."""
    fit = backend.begin_fit(*data(), batch_size)
    told = []
    for epoch in range(epochs):
        told.append(fit.run(epoch, rate, EpochPosition(), lambda _: None, lambda _: False))
        backend.publish()
    return told
