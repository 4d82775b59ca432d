"""A trial: a process in which a backend does a little of some work, and answers in seconds."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from mxdigits.backends.choose import choose_devices
from mxdigits.backends.network import GraphNetwork
from mxdigits.backends.race.predicting import NetworkFiles, Predicting
from mxdigits.backends.race.training import Training
from mxdigits.backends.race.trial import Requirements, TrialFailed, started
from mxdigits.backends.race.work import figure_of
from mxdigits.backends.settings import TrainingSettings
from mxdigits.errors import UsageError
from mxdigits.graph import Graph, Output, Variable, operation
from mxdigits.graph.network_files import write_network

# With the modules that each imports.
BACKENDS = [
    pytest.param("mxnet", marks=pytest.mark.mxnet),
    "xla",
    "torch",
]
LIBRARIES = {"mxnet": "mxnet", "xla": "jax", "torch": "torch", "onnx": "onnxruntime"}
SECONDS = 300


def network(units=4):
    dense = operation(
        "FullyConnected", "dense", [Output(0), Output(1)], num_hidden=units, no_bias=True
    )
    graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
    return GraphNetwork(graph, {"w": np.zeros((units, 64), np.float32)})


def noisy():
    """An augmentation as a graph."""
    copy = operation("relu", "copy", [Output(0)])
    return Graph((Variable("data", "input"), copy), (Output(1),))


def training(optimizer="sgd", augmentation=None):
    images = np.arange(50 * 64, dtype=np.uint32).astype(np.uint8).reshape(50, 1, 8, 8)
    labels = np.arange(50) % 4
    settings = TrainingSettings(
        optimizer, {"learning_rate": 0.1}, augmentation=augmentation, precision="float32"
    )
    own = network().graph, given
    return Training(*own, settings, images, labels, 20, epochs=2, evaluated=10)


def given(backend):
    return network()


def answered(backend, work, wanted=Requirements("cpu")):  # noqa: B008 - it cannot be changed
    if backend != "mxnet":
        pytest.importorskip(LIBRARIES[backend])
    with started(backend, wanted) as trial:
        assert trial.answer(SECONDS)["preference"] == 0
        trial.give(pickle.dumps(work))
        found = figure_of(trial.answer(SECONDS))
        assert trial.cpu_time.ran > 0  # it lives until it has been looked at
        assert trial.cpu_time.waited.keys()
        return found


@pytest.mark.parametrize("augmentation", [None, noisy()])
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_backend_trains_some_batches(backend, augmentation):
    work = training(augmentation=augmentation)
    found = answered(backend, work)
    assert min(found.start, found.ready, found.step, found.image) > 0
    expected = found.start + found.ready + 2 * (3 * found.step + 10 * found.image)
    assert work.seconds(found) == pytest.approx(expected)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("best", "hopeless"), [(1e-6, True), (1e6, False)])
def test_a_backend_that_cannot_be_the_fastest_predicts_nothing(backend, best, hopeless):
    found = answered(backend, training().beside(best))
    assert (found.image == found.step / 20) is hopeless
    assert min(found.start, found.ready, found.step) > 0


@pytest.mark.parametrize("backend", [*BACKENDS, "onnx"])
def test_a_backend_predicts_some_images(backend, tmp_path):
    files = tmp_path / "symbol.json", tmp_path / "net.params"
    made = network()
    write_network(made.graph, made.arrays, *files)
    if backend == "onnx":
        pytest.importorskip("onnx")
    work = Predicting(NetworkFiles(*files, (1, 8, 8), 4, {}), images=100, at_once=10)
    found = answered(backend, work, Requirements("cpu", predicting=True))
    assert found.step == 0 < found.image
    assert work.seconds(found) == found.start + found.ready + 100 * found.image


def test_what_a_backend_lacks_is_told():
    pytest.importorskip("torch")
    with started("torch", Requirements("cpu")) as trial:
        trial.answer(SECONDS)
        trial.give(pickle.dumps(training("lbsgd")))
        with pytest.raises(TrialFailed) as caught:
            trial.answer(SECONDS)
    assert (str(caught.value), caught.value.late) == (
        "the backend torch has no optimizer lbsgd; take lars, or backend: mxnet",
        False,
    )


def test_a_device_that_is_not_there_is_told():
    with started("torch", Requirements("cpu(99)")) as trial, pytest.raises(TrialFailed) as caught:
        trial.answer(SECONDS)
    assert not caught.value.late


def test_one_that_takes_too_long_is_late_and_ended():
    with started("mxnet", Requirements("cpu")) as trial:
        with pytest.raises(TrialFailed) as caught:
            trial.answer(0)
        process = trial._process
    assert (str(caught.value), caught.value.late) == ("it was not ready within 0.00 s", True)
    assert process.returncode is not None


def test_one_that_ends_is_told():
    with started("mxnet", Requirements("cpu")) as trial:
        trial._process.kill()
        trial._process.wait()
        with pytest.raises(TrialFailed) as caught:
            trial.answer(SECONDS)
        assert str(caught.value) == "its process ended"
        with pytest.raises(TrialFailed):
            trial.give(bytes(100_000_000))


def test_what_does_not_decide_the_speed_is_no_part_of_the_facts():
    one, other = training(), training()
    other.settings.optimizer_options["learning_rate"] = 0.5
    assert one.facts() == other.facts()
    assert one.facts() != training("adam").facts()
    assert one.facts() != training(augmentation=noisy()).facts()


def test_the_operations_of_a_training_and_who_is_usually_fast_at_it():
    work = training()
    assert work.operations() == 2 * 4 * 64 * (3 * 50 + 10) * 2
    assert work.usual() == (("xla", "mxnet", "torch"), "networks without convolutions")


def test_the_operations_of_predictions(tmp_path):
    files = tmp_path / "symbol.json", tmp_path / "net.params"
    made = network()
    write_network(made.graph, made.arrays, *files)
    own = NetworkFiles(*files, (1, 8, 8), 4, {})
    assert Predicting(own, images=100, at_once=10).operations() == 2 * 4 * 64 * 100
    assert Predicting(own, images=100, at_once=1).operations() is None
    files[0].write_text("{}")
    assert Predicting(own, images=100, at_once=10).operations() is None


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_backend_is_checked_before_it_is_taken(backend):
    if backend != "mxnet":
        pytest.importorskip(LIBRARIES[backend])
    choice = choose_devices("cpu", backend)
    training().check(choice)
    if backend == "mxnet":  # which has everything
        return
    with pytest.raises(UsageError, match=f"the backend {backend} has no optimizer lbsgd"):
        training("lbsgd").check(choice)
