"""Views of images, and the mean of what a network says of them."""

from __future__ import annotations

import numpy as np
import pytest
from backends.training import TRAINING

from mxdigits.backends.network import GraphNetwork
from mxdigits.errors import UsageError
from mxdigits.graph.building import GraphBuilder
from mxdigits.train.metrics import softmax
from mxdigits.train.trainer import Trainer
from mxdigits.train.views import views


def middles(images):
    """Where the ink of each image lies, (N, 2): right and down of the middle."""
    height, width = images.shape[2:]
    ink = images.sum(axis=(1, 2, 3), dtype=np.float64)
    right = images.sum(axis=(1, 2)) @ (np.arange(width) - (width - 1) / 2) / ink
    down = images.sum(axis=(1, 3)) @ (np.arange(height) - (height - 1) / 2) / ink
    return np.stack([right, down], axis=1)


def blob(right=0.0, down=0.0):
    v, u = np.mgrid[:29, :29] - 14.0
    return np.rint(255 * np.exp(-((u - right) ** 2 + (v - down) ** 2) / 8)).astype(np.uint8)


def test_the_first_view_is_the_image_itself():
    images = np.random.default_rng(0).integers(0, 256, (3, 2, 9, 12)).astype(np.uint8)
    found = list(views(images, 5))
    assert len(found) == 5
    assert found[0] is images
    for each in found[1:]:
        assert (each.shape, each.dtype) == (images.shape, images.dtype)
        assert (each != images).any()


def test_views_are_shifted_by_a_pixel_in_all_directions():
    images = blob()[None, None]
    found = np.concatenate([middles(each) for each in views(images, 33)])[1:]
    np.testing.assert_allclose(np.hypot(*found.T), 1, atol=0.02)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=0.05)


def test_views_are_turned_by_up_to_six_degrees_either_way():
    images = np.stack([blob(), blob(right=8)])[:, None]
    turns = []
    for view in views(images, 33):
        (x, y) = np.diff(middles(view), axis=0)[0]
        turns.append(np.degrees(np.arctan2(y, x)))
    assert turns[0] == 0
    assert -6.3 < min(turns) < -5
    assert 5 < max(turns) < 6.3
    assert abs(np.mean(turns)) < 0.5


def test_what_comes_in_is_background():
    white = np.full((1, 1, 10, 10), 255, np.uint8)
    for view in list(views(white, 9))[1:]:
        assert (view[..., 3:7, 3:7] == 255).all()
        assert view.min() < 255


def network():
    build = GraphBuilder()
    x, weight = build.variable("data", "input"), build.variable("weight")
    dense = build("FullyConnected", x, weight, num_hidden=4, no_bias=True)
    weights = np.random.default_rng(1).normal(0, 0.3, (4, 256)).astype(np.float32)
    return GraphNetwork(build.graph(dense), {"weight": weights})


@pytest.mark.parametrize("backend", TRAINING)
def test_of_several_views_a_trainer_gives_the_mean_probability(backend, digits):
    images, labels = digits["test"]
    plain, averaged = (Trainer(network(), "sgd", backend=backend, tta=tta) for tta in (1, 8))
    each = [softmax(plain.logits(view)) for view in views(images[:, None], 8)]
    expected = np.mean(each, axis=0)
    np.testing.assert_allclose(averaged.predict(images), expected, atol=1e-6)
    assert averaged.score((images, labels)).accuracy == (expected.argmax(1) == labels).mean()


def test_no_view_is_no_number():
    pytest.importorskip("jax")
    with pytest.raises(UsageError, match="tta: must be a whole number of at least 1, got 0"):
        Trainer(network(), "sgd", backend="xla", tta=0)
