"""The backends that train a graph, to parametrize by; one that is not installed is skipped."""

from __future__ import annotations

from importlib.util import find_spec

import pytest


def _needing(backend: str, library: str) -> object:
    absent = pytest.mark.skipif(find_spec(library) is None, reason=f"{backend} needs {library}")
    return pytest.param(backend, marks=absent)


TRAINING = [
    pytest.param("mxnet", marks=pytest.mark.mxnet),
    _needing("xla", "jax"),
    _needing("torch", "torch"),
]
