"""The augmentations that come with mxdigits, as graphs: what each does to an image."""

from __future__ import annotations

import numpy as np
import pytest

from mxdigits.augmentations.build import build_augmentation, build_augmentations
from mxdigits.errors import PluginError, UsageError
from mxdigits.graph import Graph, Output, Variable
from mxdigits.plugins.registry import AUGMENTATIONS

jax = pytest.importorskip("jax")

from mxdigits.backends.xla.execute import evaluate  # noqa: E402

BUILT_IN = [e.name for e in AUGMENTATIONS.entries() if e.distribution == "mxdigits"]

# Options with which nothing changes.
STILL = {
    "affine": {"shift": 0, "rotation": 0, "scale": 0, "shear": 0},
    "blur": {"sigma": 0},
    "contrast": {"amount": 0},
    "cutmix": {"probability": 0},
    "elastic": {"alpha": 0},
    "erasing": {"probability": 0},
    "mixup": {"probability": 0},
    "noise": {"amount": 0},
    "thickness": {"thicker": 0, "thinner": 0},
}


def images(*shape, seed=0):
    return np.random.default_rng(seed).random(shape, np.float32)


def changed(before, name, seed=0, **options):
    graph = build_augmentation(name, options, image_shape=before.shape[1:])
    return ran(graph, before, seed)


def ran(graph, before, seed=0):
    return mixed(graph, before, np.ones((len(before), 1), np.float32), seed)[0]


def mixed(graph, before, targets, seed=0):
    """What a graph makes of images, and of targets if it takes them."""
    given = {"data": before, "targets": targets}
    found = evaluate(graph, given, training=True, key=jax.random.key(seed)).outputs
    return [np.asarray(each) for each in found]


def test_the_built_in_ones():
    assert sorted(STILL) == BUILT_IN


@pytest.mark.parametrize("shape", [(5, 1, 28, 28), (2, 3, 20, 24), (3, 1, 1, 1), (1, 2, 7, 1)])
@pytest.mark.parametrize("name", BUILT_IN)
def test_shape_and_range_are_kept(name, shape):
    before = images(*shape)
    after = changed(before, name)
    assert after.shape == before.shape
    assert after.dtype == np.float32
    assert after.min() >= -1e-5
    assert after.max() <= 1 + 1e-5


@pytest.mark.parametrize("name", BUILT_IN)
def test_without_amounts_nothing_changes(name):
    before = images(4, 2, 9, 12)
    np.testing.assert_allclose(changed(before, name, **STILL[name]), before, atol=2e-5)


@pytest.mark.parametrize("name", BUILT_IN)
def test_each_image_is_changed_by_its_own_draws(name):
    options = {"erasing": {"probability": 1, "area": 0.9}, "cutmix": {"probability": 1}}.get(
        name, {}
    )
    before = np.repeat(images(2, 1, 20, 20), 3, axis=0)  # of which the halves may be mixed
    after = changed(before, name, **options)
    assert len({each.tobytes() for each in after}) == 6
    assert (changed(before, name, **options) == after).all()
    assert (changed(before, name, seed=1, **options) != after).any()


@pytest.mark.parametrize("name", ["affine", "blur", "contrast", "elastic", "thickness"])
def test_a_share_of_the_images_stays_as_it_is(name):
    before = images(1000, 1, 10, 10)
    same = np.abs(changed(before, name, probability=0.7) - before).max(axis=(1, 2, 3)) < 1e-4
    assert 0.25 < same.mean() < 0.35
    assert (np.abs(changed(before, name) - before).max(axis=(1, 2, 3)) > 1e-4).mean() > 0.98


def test_elastic_moves_pixels_as_far_as_it_says_and_neighbours_alike():
    """A slope tells from where its values come."""
    across = np.broadcast_to(np.linspace(0, 1, 61, dtype=np.float32), (200, 1, 61, 61))
    for before in (across, across.swapaxes(2, 3)):
        after = changed(before, "elastic", alpha=34, sigma=4)
        moved = (after - before)[:, :, 20:-20, 20:-20] * 60
        assert 1.25 < np.sqrt((moved**2).mean()) < 1.5
        assert abs(moved.mean()) < 0.1
        assert np.abs(np.diff(moved, axis=3)).max() < 1


def test_erasing_takes_rectangles_of_the_area_it_says():
    before = np.ones((2000, 1, 40, 40), np.float32)
    erased = 1 - changed(before, "erasing", probability=0.3, area=0.2, ratio=2)[:, 0]
    assert set(np.unique(erased)) == {0, 1}
    share = erased.mean(axis=(1, 2))
    assert 0.25 < (share > 0).mean() < 0.35
    assert 0.15 < share.max() < 0.23  # a whole pixel more or less at each side
    for each in erased[share > 0][:50]:
        rows, columns = each.any(axis=1), each.any(axis=0)
        assert (each == np.outer(rows, columns)).all()


def test_thickness_thickens_and_thins_by_up_to_two_pixels():
    before = np.zeros((400, 1, 15, 15), np.float32)
    before[..., 6:9] = 1  # upright strokes
    ink = changed(before, "thickness", thicker=1, thinner=0)[:, 0, 7].sum(axis=1)
    assert 3 <= ink.min() < 3.1
    assert 4.9 < ink.max() <= 5
    ink = changed(before, "thickness", thicker=0, thinner=1)[:, 0, 7].sum(axis=1)
    assert 1 <= ink.min() < 1.1
    assert 2.9 < ink.max() <= 3


def test_noise_has_the_deviation_it_says():
    before = np.full((300, 1, 30, 30), 0.5, np.float32)
    deviation = (changed(before, "noise", amount=0.1) - 0.5).std(axis=(1, 2, 3))
    assert deviation.min() < 0.01
    assert 0.09 < deviation.max() < 0.11
    assert changed(before, "noise", amount=9).max() == 1


def test_several_follow_each_other():
    before = np.ones((50, 1, 16, 16), np.float32)
    erase, shake = ("erasing", {"probability": 1}), ("noise", {"amount": 0.2})
    first, last = (
        ran(build_augmentations(chosen, image_shape=(1, 16, 16)), before)
        for chosen in ([erase, shake], [shake, erase])
    )
    assert ((first > 0) & (first < 0.5)).any()  # noise where ink was erased
    assert ((last == 0) | (last > 0.2)).all()


def test_none_is_none_and_one_is_itself():
    assert build_augmentations([], image_shape=(1, 8, 8)) is None
    alone = build_augmentations([("noise", {})], image_shape=(1, 8, 8))
    assert alone == build_augmentation("noise", {}, image_shape=(1, 8, 8))


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("elastic", {"alpha": -1}, "alpha: must be a number of at least 0, got -1"),
        ("elastic", {"sigma": 0.1}, "sigma: must be a number of at least 0.5, got 0.1"),
        ("erasing", {"probability": 2}, "probability: must be a number from 0 to 1, got 2"),
        ("erasing", {"area": "1"}, "area: must be a number from 0 to 1, got '1'"),
        ("erasing", {"ratio": 0.5}, "ratio: must be a number of at least 1, got 0.5"),
        ("affine", {"probability": 2}, "probability: must be a number from 0 to 1, got 2"),
        ("noise", {"amount": None}, "amount: must be a number of at least 0, got nothing"),
        ("thickness", {"thicker": 1.5}, "thicker: must be a number from 0 to 1, got 1.5"),
        ("thickness", {"thinner": True}, "thinner: must be a number from 0 to 1, got true"),
    ],
)
def test_options_that_make_no_sense_are_refused(name, options, message):
    with pytest.raises(UsageError) as caught:
        build_augmentation(name, options, image_shape=(1, 8, 8))
    assert str(caught.value) == f"augmentation {name!r}: {message}"


def weighted():
    return Graph((Variable("data", "input"), Variable("w")), (Output(0),))


def two_heads():
    return Graph((Variable("data", "input"),), (Output(0), Output(0)))


@pytest.mark.parametrize(
    ("factory", "message"),
    [
        (weighted, "has parameters, and nothing would train them"),
        (
            two_heads,
            "must give a graph from one input to one output, or from images and targets to both, "
            "not from 1 to 2",
        ),
    ],
)
def test_a_broken_graph_is_told_how(factory, message, monkeypatch):
    monkeypatch.setattr(AUGMENTATIONS, "_registered", {})
    AUGMENTATIONS.register("mine")(factory)
    with pytest.raises(PluginError) as caught:
        build_augmentation("mine", {}, image_shape=(1, 8, 8))
    assert str(caught.value) == f"augmentation 'mine' ({AUGMENTATIONS.entry('mine')}) {message}"


def test_blur_has_the_width_that_a_gaussian_has():
    """A point becomes what has its variance, the square of up to sigma, in both directions."""
    before = np.zeros((500, 1, 31, 31), np.float32)
    before[:, :, 15, 15] = 1
    after = changed(before, "blur", sigma=1.5)[:, 0]
    np.testing.assert_allclose(after.sum(axis=(1, 2)), 1, atol=1e-4)
    squares = (np.arange(31) - 15) ** 2
    for axis in (1, 2):
        deviation = np.sqrt((after.sum(axis=axis) * squares).sum(axis=1))
        assert deviation.min() < 0.05
        assert 1.45 < deviation.max() <= 1.5 + 1e-3
        assert 0.7 < deviation.mean() < 0.8
    assert after.min() >= 0


def test_blur_by_a_plain_loop():
    """Of some width up to the largest: neighbours are mixed twice along each axis."""
    before = images(1, 1, 9, 7)
    after = changed(before, "blur", sigma=1.0)[0, 0]

    def blurred(share):
        x = before[0, 0].astype(np.float64)
        for axis in (0, 1):
            for _ in range(2):
                wide = np.pad(x, [(1, 1) if a == axis else (0, 0) for a in (0, 1)])
                low, high = (np.take(wide, range(b, b + x.shape[axis]), axis) for b in (0, 2))
                x = (1 - 2 * share) * x + share * (low + high)
        return x

    errors = [np.abs(blurred(s**2 / 4) - after).max() for s in np.linspace(0, 1, 4001)]
    assert min(errors) < 1e-3


def test_contrast_moves_pixels_from_their_mean():
    before = images(400, 2, 8, 8) * 0.2 + 0.4
    after = changed(before, "contrast", amount=0.5)
    mean = before.mean(axis=(1, 2, 3), keepdims=True)
    factor = (after - mean) / (before - mean)
    own = np.median(factor, axis=(1, 2, 3))
    np.testing.assert_allclose(after, mean + (before - mean) * own[:, None, None, None], atol=1e-5)
    assert 0.5 <= own.min() < 0.52
    assert 1.48 < own.max() <= 1.5 + 1e-4
