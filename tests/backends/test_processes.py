"""Several processes against one: the backends xla and torch, and parts of the data for all."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from mxdigits.backends.batches import all_pieces, epoch_order, pieces, sharded, shares
from tests.backends.team_worker import (
    BATCH,
    CASES,
    NAN,
    SHARD,
    outcome,
    train_together,
    trained,
)

pytestmark = [pytest.mark.workers, pytest.mark.mxnet]  # the networks are Gluon's

# What is left of the difference when numbers are added in another order.
NEAR = {"rtol": 1e-4, "atol": 2e-5}

# Most of XLA's time goes into compiling, in each process, so not every number of workers gets all
# cases: these are those in which it matters how many images a worker has.
BY_SIZE = ["momentum", "statistics_dropout", "accumulated", "weighted"]
AGAIN = ["momentum", "statistics_dropout"]

TABLE = [
    *(("xla", count, cases) for count, cases in [(2, list(CASES)), (3, BY_SIZE), (4, BY_SIZE)]),
    *(("torch", count, list(CASES)) for count in (2, 3, 4)),
]


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """What one process learns, in one of its own: weights begin by what was drawn before too."""
    known = {}

    def learnt(backend: str, cases: list[str]) -> dict:
        key = backend, tuple(cases)
        if key not in known:
            folder = tmp_path_factory.mktemp("alone") / "one"
            known[key] = train_together(backend, 1, folder, cases)
        return known[key]

    return learnt


def skip_without(backend: str) -> None:
    needed = {"xla": "jax", "torch": "torch"}
    if backend in needed:
        pytest.importorskip(needed[backend], reason=f"the backend {backend} needs it")


def said_of_nan(folder: Path, count: int) -> set[str]:
    return {(folder / f"{NAN}.{rank}").read_text() for rank in range(count)}


@pytest.mark.parametrize(("backend", "count", "cases"), TABLE)
def test_several_processes_learn_what_one_learns(backend, count, cases, alone, tmp_path):
    skip_without(backend)
    together = train_together(backend, count, tmp_path / "several", [*cases, NAN])
    for case, arrays in alone(backend, cases).items():
        for name, array in arrays.items():
            found = together[case][name]
            np.testing.assert_allclose(found, array, **NEAR, err_msg=f"{case}: {name}")
    assert said_of_nan(tmp_path / "several", count) == {
        "the loss became nan at epoch 0, batch 0: try a smaller learning_rate"
    }


@pytest.mark.parametrize("backend", ["xla", "torch"])
def test_several_processes_learn_the_same_bits_twice(backend, tmp_path):
    skip_without(backend)
    first = train_together(backend, 3, tmp_path / "first", AGAIN)
    for case, found in train_together(backend, 3, tmp_path / "again", AGAIN).items():
        for name, array in found.items():
            np.testing.assert_array_equal(first[case][name], array, err_msg=f"{case}: {name}")


def order_of_shards(backend, count, parts, labels, seed, sampler):
    """The order of the images in one process, as several have it that hold their own alone."""
    images = sharded(len(labels), BATCH, parts, seed, count, backend=backend)
    divided, parts = (pieces, 1) if backend == "xla" else (shares, parts)
    every = [divided(*each, count) for each in all_pieces(len(labels), BATCH, parts)]

    def order(epoch):
        found = np.zeros(len(labels), np.int32)
        for rank, own in enumerate(images):
            bounds = [each for piece in every for each in piece[rank : rank + 1]]
            places = [place for each in bounds for place in range(*each)]
            found[places] = own[epoch_order(len(own), seed, epoch)]
        return found

    return order


@pytest.mark.parametrize(
    ("backend", "module"),
    [("mxnet", "mxnet.passes.train_pass"), ("xla", "graphs.epochs"), ("torch", "graphs.epochs")],
)
def test_workers_that_hold_their_own_images_alone_learn_what_one_learns_in_that_order(
    backend, module, tmp_path, monkeypatch
):
    skip_without(backend)
    found = train_together(backend, 3, tmp_path / "shards", list(SHARD))
    used = import_module(f"mxdigits.backends.{module}")
    for case, options in SHARD.items():
        order = partial(order_of_shards, backend, 3, options.get("accumulate", 1))
        monkeypatch.setattr(used, "orders", order)
        for name, array in outcome(trained(case, backend)).items():
            np.testing.assert_allclose(found[case][name], array, **NEAR, err_msg=f"{case}: {name}")
