"""Images that are mixed, and their labels likewise: which, how much, and how often."""

from __future__ import annotations

import numpy as np
import pytest
from augmentations.fixed_mixing import fixed

from mxdigits.augmentations.build import build_augmentation, build_augmentations
from mxdigits.errors import UsageError
from mxdigits.graph.building import GraphBuilder, first_alone, joined

jax = pytest.importorskip("jax")

from mxdigits.backends.xla.execute import evaluate  # noqa: E402


def made(name, **options):
    return build_augmentation(name, options, image_shape=(1, 16, 16))


def mixed(graph, images, targets, seed=0):
    given = {"data": images, "targets": targets}
    found = evaluate(graph, given, training=True, key=jax.random.key(seed)).outputs
    return [np.asarray(each) for each in found]


def numbered(count):
    """Images that say which they are: the first is 0, the last 1; and targets likewise."""
    values = np.linspace(0, 1, count, dtype=np.float32)
    return np.broadcast_to(values[:, None, None, None], (count, 1, 20, 20)), np.stack(
        [values, 1 - values], axis=1
    )


def shares_of(before, after):
    """How much each has of the one at its place from the end, where those differ."""
    other = before[::-1]
    far = np.abs(other - before) > 0.1
    return np.divide(after - before, other - before, out=np.zeros_like(after), where=far)


@pytest.mark.parametrize("name", ["mixup", "cutmix"])
def test_images_and_labels_are_mixed_alike(name):
    images, targets = numbered(400)
    seen, wanted = mixed(made(name, alpha=1.0, probability=1.0), images, targets)
    far = np.abs(targets[:, 0] - targets[::-1, 0]) > 0.1
    share = shares_of(targets[:, 0], wanted[:, 0])[far]
    of_images = shares_of(images, seen).mean(axis=(1, 2, 3))[far]
    np.testing.assert_allclose(share, of_images, atol=1e-4)
    np.testing.assert_allclose(wanted.sum(axis=1), 1, atol=1e-6)
    assert 0 <= share.min() < 0.05
    assert 0.3 < share.max() < 0.5 + 1e-5  # the image itself keeps the larger share


def test_cutmix_pastes_one_rectangle():
    images, targets = numbered(200)
    seen, _ = mixed(made("cutmix", probability=1.0), images, targets)
    for before, other, after in zip(images[:80, 0], images[::-1][:80, 0], seen[:80, 0]):
        taken = np.abs(after - before) > 1e-6
        np.testing.assert_allclose(after, np.where(taken, other, before), atol=1e-6)
        assert (taken == np.outer(taken.any(axis=1), taken.any(axis=0))).all()


@pytest.mark.parametrize("alpha", [0.1, 0.5, 1.0, 4.0])
def test_shares_follow_the_beta_distribution(alpha):
    images, targets = numbered(20001)
    _, wanted = mixed(made("mixup", alpha=alpha), images[:, :, :2, :2], targets)
    far = np.abs(targets[:, 0] - targets[::-1, 0]) > 0.2
    found = np.sort(shares_of(targets[:, 0].astype(float), wanted[:, 0])[far])
    expected = np.random.default_rng(1).beta(alpha, alpha, len(found))
    expected = np.sort(np.minimum(expected, 1 - expected))
    places = np.linspace(0.05, 0.95, 10)
    np.testing.assert_allclose(
        np.quantile(found, places), np.quantile(expected, places), atol=0.012
    )


@pytest.mark.parametrize("name", ["mixup", "cutmix"])
def test_a_share_of_the_images_is_left_alone(name):
    images, targets = numbered(1000)
    _, wanted = mixed(made(name, alpha=4.0, probability=0.3), images, targets)
    far = np.abs(targets[:, 0] - targets[::-1, 0]) > 0.1
    assert 0.22 < (np.abs(wanted - targets).max(axis=1) > 1e-6)[far].mean() < 0.38


@pytest.mark.parametrize("name", ["mixup", "cutmix"])
@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"alpha": 0}, "alpha: must be a number above 0, got 0"),
        ({"alpha": -1}, "alpha: must be a number of at least 0, got -1"),
        ({"probability": 2}, "probability: must be a number from 0 to 1, got 2"),
    ],
)
def test_mistakes(name, options, what):
    with pytest.raises(UsageError) as caught:
        made(name, **options)
    assert str(caught.value).endswith(what)


def test_several_follow_each_other():
    build = GraphBuilder()
    halved = build.graph(build.variable("data", "input") * 0.5)
    images, targets = numbered(5)
    seen, wanted = mixed(joined([fixed(0.25), halved, fixed(0.5)]), images, targets)
    np.testing.assert_allclose(seen, 0.25 * (images + images[::-1]), atol=1e-6)
    np.testing.assert_allclose(wanted, (targets + targets[::-1]) / 2, atol=1e-6)
    two = build_augmentations([("noise", {}), ("mixup", {})], image_shape=(1, 8, 8))
    assert (two.inputs, len(two.heads)) == (("data", "targets"), 2)


def test_the_images_alone_take_no_targets():
    graph = first_alone(fixed(0.25))
    images, _ = numbered(5)
    (seen,) = (np.asarray(each) for each in evaluate(graph, {"data": images}).outputs)
    np.testing.assert_allclose(seen, 0.75 * images + 0.25 * images[::-1], atol=1e-6)
    assert graph.inputs == ("data",)
