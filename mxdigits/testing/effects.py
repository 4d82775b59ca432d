"""Finds what code changes in its process: settings, and the state of global random generators."""

from __future__ import annotations

import logging
import os
import random
import signal
import sys
import types
from collections.abc import Callable, Mapping

import numpy as np

from ..backends.mxnet.runtime import import_mxnet, mxnet_installed, seed_everything

Settings = Mapping[str, Mapping[str, str]]


def settings() -> Settings:
    """The settings that all code of a process shares: {part: {setting: value}}.

    >>> sorted(settings())
    ['mxnet', 'numpy', 'process']
    """
    return {
        "numpy": {area: repr(value) for area, value in _numpy_settings().items()},
        "mxnet": {area: repr(value) for area, value in _mxnet_settings().items()},
        "process": {area: repr(value) for area, value in _process_settings().items()},
    }


def changes(before: Settings, after: Settings) -> dict[str, list[str]]:
    """The differences of each part of the settings, in words.

    >>> changes({"process": {"TZ": "UTC"}}, {"process": {"TZ": "CET"}})
    {'process': ['TZ was UTC and is CET']}
    """
    return {
        part: [
            f"{name} was {before[part].get(name, 'not set')} "
            f"and is {after[part].get(name, 'not set')}"
            for name in sorted({*before[part], *after[part]})
            if before[part].get(name) != after[part].get(name)
        ]
        for part in before
    }


def seeds_kept(work: Callable[[], object]) -> list[str]:
    """The global generators whose next numbers ``work`` changes.

    >>> seeds_kept(random.random)
    ['random']
    """
    seed_everything(20)
    expected = _draws()
    seed_everything(20)
    work()
    return [name for name, drawn in _draws().items() if drawn != expected[name]]


def seeds_set(work: Callable[[], object]) -> list[str]:
    """The global generators that ``work`` sets to a seed of its own, whatever their state was.

    >>> seeds_set(lambda: random.seed(3))
    ['random']
    """
    drawn = []
    for seed in (20, 21):
        seed_everything(seed)
        work()
        drawn.append(_draws())
    return [name for name in drawn[0] if drawn[0][name] == drawn[1][name]]


def _draws() -> dict[str, str]:
    drawn = {
        "random": repr(random.random()),
        "numpy.random": repr(np.random.random_sample()),
    }
    if mxnet_installed():
        number = import_mxnet().nd.random.uniform(shape=(1,)).asscalar()
        drawn["mxnet.random"] = repr(float(number))
    return drawn


def _numpy_settings() -> dict[str, object]:
    # Submodules are left out: they appear when they are imported, and a look may give a warning.
    own = {name for name, value in vars(np).items() if not isinstance(value, types.ModuleType)}
    return {
        "numpy.geterr()": np.geterr(),
        "numpy.geterrcall()": np.geterrcall(),
        "numpy.get_printoptions()": np.get_printoptions(),
        **{f"numpy.{name}": "there" for name in own if not name.startswith("_")},
    }


def _mxnet_settings() -> dict[str, object]:
    if not mxnet_installed():
        return {}
    mx = import_mxnet()
    bulk = mx.engine.set_bulk_size(0)
    mx.engine.set_bulk_size(bulk)
    return {
        "mxnet.util.is_np_shape()": mx.util.is_np_shape(),
        "mxnet.util.is_np_array()": mx.util.is_np_array(),
        "mxnet.current_context()": mx.current_context(),
        "mxnet.autograd.is_recording()": mx.autograd.is_recording(),
        "mxnet.autograd.is_training()": mx.autograd.is_training(),
        "the size of mxnet.engine.set_bulk_size()": bulk,
    }


def _process_settings() -> dict[str, object]:
    root = logging.getLogger()
    return {
        "the working directory": os.getcwd(),
        "sys.excepthook": sys.excepthook,
        "the level of the root logger": root.level,
        "the handlers of the root logger": root.handlers,
        "the handler of SIGINT": signal.getsignal(signal.SIGINT),
        **{f"the variable {name}": value for name, value in os.environ.items()},
    }
