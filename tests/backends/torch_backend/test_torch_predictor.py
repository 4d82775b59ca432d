"""Predicting by PyTorch: the graph's own logits, however the images are divided."""

from __future__ import annotations

import threading

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from torch.testing import assert_close

from mxdigits.backends.torch.execute import evaluate
from mxdigits.backends.torch.loading import SHAPER
from mxdigits.backends.torch.predictor import Predictor
from mxdigits.backends.torch.step import scaled
from mxdigits.models.graphs import lenet, mlp

CPU = torch.device("cpu")


def weights(model, seed):
    random = np.random.default_rng(seed)
    shapes = SHAPER.parameter_shapes(model.graph, (1, 28, 28), 10, {})
    return {
        name: torch.tensor(random.normal(0, 0.1, shape), dtype=torch.float32)
        for name, shape in shapes.items()
    }


def images(count):
    return np.random.default_rng(count).integers(0, 256, (count, 1, 28, 28)).astype(np.uint8)


@pytest.mark.parametrize("model", [mlp(), lenet()], ids=["mlp", "lenet"])
@pytest.mark.parametrize("count", [1, 249, 250, 251, 510])
def test_the_logits_are_those_of_the_graph(model, count):
    arrays, shown = weights(model, 1), images(count)
    (name,) = model.graph.inputs
    with torch.no_grad():
        expected = evaluate(model.graph, {**arrays, name: scaled(torch.tensor(shown))}).outputs[0]
    found = Predictor(model.graph, CPU)(arrays, shown)
    assert (found.shape, found.dtype) == ((count, 10), np.float32)
    assert_close(torch.tensor(found), expected, rtol=1e-5, atol=1e-5)


def test_other_arrays_give_other_logits_and_none_is_changed():
    model, shown = lenet(), images(3)
    predict = Predictor(model.graph, CPU)
    first, second = weights(model, 1), weights(model, 2)
    kept = {name: (each.clone(), each.stride()) for name, each in first.items()}
    before = predict(first, shown)
    assert np.abs(predict(second, shown) - before).max() > 0.01
    assert (predict(first, shown) == before).all()
    for name, (array, stride) in kept.items():
        assert torch.equal(first[name], array)
        assert first[name].stride() == stride


def test_threads_that_predict_with_different_arrays_get_their_own_answers():
    model, shown = lenet(), images(5)
    predict = Predictor(model.graph, CPU)
    arrays = [weights(model, seed) for seed in range(4)]
    expected = [predict(each, shown) for each in arrays]
    wrong = []

    def ask(place):
        for _ in range(20):
            if not (predict(arrays[place], shown) == expected[place]).all():
                wrong.append(place)

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
