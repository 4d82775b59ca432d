"""Learning from a teacher: the step of the optimizer by hand, and what stays as it is."""

from __future__ import annotations

import numpy as np
import pytest
from backends.training import TRAINING

from mxdigits.backends.network import GraphNetwork
from mxdigits.backends.settings import Teacher
from mxdigits.graph import Operation
from mxdigits.graph.building import GraphBuilder
from mxdigits.graph.frozen import frozen
from mxdigits.train.metrics import softmax
from mxdigits.train.trainer import Trainer

CLASSES = 4


def dense(seed: int, *, dropped: bool = False) -> GraphNetwork:
    """A dense layer on pixels; with a batch normalisation and dropout before it, for a teacher."""
    random = np.random.default_rng(seed)
    build = GraphBuilder()
    x = build("Flatten", build.variable("data", "input"))
    arrays = {"weight": random.normal(0, 0.1, (CLASSES, 256)).astype(np.float32)}
    if dropped:
        names = {"gamma": "parameter", "beta": "parameter", "mean": "auxiliary", "var": "auxiliary"}
        norm = [build.variable(name, role) for name, role in names.items()]
        x = build("Dropout", build("BatchNorm", x, *norm, fix_gamma=False), p=0.9)
        arrays.update({name: random.uniform(0.5, 1, 256).astype(np.float32) for name in names})
    head = build("FullyConnected", x, build.variable("weight"), num_hidden=CLASSES, no_bias=True)
    return GraphNetwork(build.graph(head), arrays)


def step(backend, digits, teacher, *, smoothing=0.0, epochs=1):
    """The weights after an epoch of one batch."""
    trainer = Trainer(
        dense(1),
        "sgd",
        {"learning_rate": 0.5},
        backend=backend,
        teacher=teacher,
        label_smoothing=smoothing,
    )
    history = trainer.fit(digits["train"], epochs=epochs, batch_size=130)
    return trainer.backend.network()[1]["weight"], history


def by_hand(digits, teacher, smoothing):
    images, labels = digits["train"]
    pixels = images.reshape(len(images), -1).astype(np.float64) / 255
    weight = dense(1).arrays["weight"].astype(np.float64)
    logits = pixels @ weight.T
    target = np.full(logits.shape, smoothing / CLASSES)
    target[np.arange(len(labels)), labels] += 1 - smoothing
    arrays = {k: v.astype(np.float64) for k, v in teacher.network.arrays.items()}
    seen = (pixels - arrays["mean"]) / np.sqrt(arrays["var"] + 0.001)
    says = (seen * arrays["gamma"] + arrays["beta"]) @ arrays["weight"].T
    heat = teacher.temperature
    own = softmax(logits) - target
    other = heat * (softmax(logits / heat) - softmax(says / heat))
    gradient = ((1 - teacher.share) * own + teacher.share * other).T @ pixels / len(labels)
    return weight - 0.5 * gradient


@pytest.mark.parametrize("backend", TRAINING)
@pytest.mark.parametrize(
    ("temperature", "share", "smoothing"), [(1, 1, 0), (4, 0.7, 0), (2.5, 0.3, 0.2)]
)
def test_a_step_goes_where_the_loss_says(backend, temperature, share, smoothing, digits):
    teacher = Teacher(dense(2, dropped=True), temperature, share)
    found, _ = step(backend, digits, teacher, smoothing=smoothing)
    expected = by_hand(digits, teacher, smoothing)
    assert np.abs(expected - dense(1).arrays["weight"]).max() > 0.01
    np.testing.assert_allclose(found, expected, atol=2e-5)


@pytest.mark.parametrize("backend", TRAINING)
def test_of_a_teacher_without_a_share_nothing_is_learnt(backend, digits):
    teacher = Teacher(dense(2, dropped=True), 4.0, 0.0)
    found, history = step(backend, digits, teacher)
    expected, plain = step(backend, digits, None)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert history[0].train_loss == pytest.approx(plain[0].train_loss, rel=1e-5)


@pytest.mark.parametrize("backend", TRAINING)
def test_the_loss_that_is_told_is_that_of_the_labels(backend, digits):
    _, taught = step(backend, digits, Teacher(dense(2, dropped=True)))
    _, plain = step(backend, digits, None)
    assert taught[0].train_loss == pytest.approx(plain[0].train_loss, rel=1e-5)


@pytest.mark.parametrize("backend", TRAINING)
def test_the_teacher_stays_as_it_is(backend, digits):
    network = dense(2, dropped=True)
    before = {name: array.copy() for name, array in network.arrays.items()}
    step(backend, digits, Teacher(network), epochs=3)
    for name, array in network.arrays.items():
        assert (array == before[name]).all()


def test_a_frozen_graph_neither_drops_nor_measures():
    graph = frozen(dense(2, dropped=True).graph)
    operators = [node.operator for node in graph.nodes if isinstance(node, Operation)]
    assert operators == ["Flatten", "BatchNorm", "_copy", "FullyConnected"]
    (norm,) = (node for node in graph.operations if node.operator == "BatchNorm")
    assert norm.attributes["use_global_stats"] is True
