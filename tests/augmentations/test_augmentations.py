"""Augmentations: what affine does to an image, and what any of them does to a training."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mxdigits
from mxdigits.augmentations.build import build_augmentation
from mxdigits.errors import PluginError, UsageError
from mxdigits.plugins.registry import AUGMENTATIONS

mx = mxdigits.import_mxnet()

from mxdigits.augmentations.affine import affine as affine_graph  # noqa: E402
from mxdigits.augmentations.affine import moved  # noqa: E402
from mxdigits.backends.mxnet.networks.symbols import symbol_of  # noqa: E402
from mxdigits.graph.building import GraphBuilder  # noqa: E402

STILL = {"shift": 0, "rotation": 0, "scale": 0, "shear": 0}


def images(*shape, seed=0):
    return np.random.default_rng(seed).random(shape, np.float32)


def drawn(picture):
    """An image (1, 1, H, W) from rows of text: '#' is ink."""
    rows = [[float(mark == "#") for mark in row] for row in picture.split()]
    return np.array(rows, np.float32)[None, None]


AMOUNTS = ("right", "down", "angle", "growth", "slant")


def ran(graph, *arrays, context=None):
    """What MXNet makes of arrays for the inputs of a graph."""
    inputs = [mx.sym.var(name, dtype="float32") for name in graph.inputs]
    block = mx.gluon.SymbolBlock(symbol_of(graph), inputs)
    return block(*(mx.nd.array(each, ctx=context or mx.cpu()) for each in arrays)).asnumpy()


def Affine(**options):
    """A function of images."""
    return lambda pixels, context=None: ran(affine_graph(**options), pixels, context=context)


def move(pixels, **amounts):
    """All images alike, or each by its own amount."""
    build = GraphBuilder()
    x, *by = (build.variable(name, "input") for name in ("data", *AMOUNTS))
    each = [
        np.broadcast_to(np.reshape(amounts.get(name, 0.0), (-1, 1, 1, 1)), (len(pixels), 1, 1, 1))
        for name in AMOUNTS
    ]
    return ran(build.graph(moved(x, *by)), pixels, *each)


@given(
    st.integers(1, 3), st.integers(1, 3), st.integers(2, 40), st.integers(2, 40), st.integers(0, 9)
)
@settings(max_examples=25)
def test_zero_ranges_leave_every_image_as_it_is(count, channels, height, width, seed):
    before = images(count, channels, height, width, seed=seed)
    after = Affine(**STILL)(before)
    np.testing.assert_allclose(after, before, atol=2e-5)


@pytest.mark.parametrize(("right", "down"), [(2, 0), (0, 3), (-1, 0), (0, -2), (3, -1)])
def test_a_shift_by_whole_pixels_moves_them_and_fills_with_background(right, down):
    before = images(2, 3, 9, 12)
    expected = np.zeros_like(before)
    rows, columns = np.mgrid[0:9, 0:12]
    inside = (rows >= down) & (rows < 9 + down) & (columns >= right) & (columns < 12 + right)
    expected[:, :, inside] = before[:, :, rows[inside] - down, columns[inside] - right]
    np.testing.assert_allclose(move(before, right=right, down=down), expected, atol=1e-5)


def test_a_shift_by_half_a_pixel_is_the_mean_of_two():
    before = images(1, 1, 5, 6)
    after = move(before, right=0.5)
    np.testing.assert_allclose(after[..., 1:], (before[..., 1:] + before[..., :-1]) / 2, atol=1e-5)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_quarter_turns_go_clockwise(turns):
    before = images(2, 1, 8, 8)
    expected = np.rot90(before, -turns, axes=(2, 3))
    np.testing.assert_allclose(move(before, angle=turns * np.pi / 2), expected, atol=1e-5)


def test_a_turn_keeps_the_form_of_an_image_that_is_not_square():
    before = drawn(".......\n.......\n.#####.\n.......\n.......")
    after = move(before, angle=np.pi / 2)
    np.testing.assert_allclose(after, drawn("...#...\n" * 5), atol=1e-5)


def test_growth_enlarges():
    before = drawn(".....\n.....\n.###.\n.....\n.....")
    after = move(before, growth=1.0)
    np.testing.assert_allclose(after[0, 0, 2], 1, atol=1e-5)
    np.testing.assert_allclose(after[0, 0, [1, 3]], 0.5, atol=1e-5)
    np.testing.assert_allclose(after[0, 0, [0, 4]], 0, atol=1e-5)


def test_a_slant_leans_to_the_right():
    before = drawn("..#..\n" * 5)
    after = move(before, slant=1.0)
    np.testing.assert_allclose(after[0, 0], np.eye(5)[::-1], atol=1e-5)


def test_each_image_is_moved_by_its_own_amounts():
    before = images(3, 1, 6, 6)
    after = move(before, right=[0, 1, 2])
    for image, expected, by in zip(after, before, range(3)):
        np.testing.assert_allclose(image, move(expected[None], right=by)[0], atol=1e-5)


def centres(pixels):
    """Where the ink of each channel lies, (N, C, 2): right and down."""
    ink = pixels.sum(axis=(2, 3))
    across = pixels.sum(axis=2) @ np.arange(pixels.shape[3]) / ink
    down = pixels.sum(axis=3) @ np.arange(pixels.shape[2]) / ink
    return np.stack([across, down], axis=-1)


def area(corners):
    """Of triangles (N, 3, 2); negative where the corners go the other way round."""
    (x, y), (u, v) = (corners[:, i].T - corners[:, 0].T for i in (1, 2))
    return (x * v - y * u) / 2


def test_nothing_is_mirrored():
    """Three spots, one a channel, go the same way round after any change."""
    rows, columns = np.mgrid[0:65, 0:65]
    spots = [np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 8) for x, y in PLACES]
    before = np.array([spots] * 300, np.float32)
    assert area(centres(before)).min() > 0
    assert area(centres(before[..., ::-1])).max() < 0
    mx.random.seed(3)
    change = Affine(shift=4, rotation=180, scale=0.5, shear=1)
    after = change(before)
    assert area(centres(after)).min() > 0
    assert area(centres(after)).max() > area(centres(before)).max()


PLACES = [(28, 26), (38, 28), (30, 38)]


def test_amounts_fill_their_range_and_stay_inside():
    """The middle of a dot tells by how much it was shifted."""
    mx.random.seed(5)
    dot = np.zeros((2000, 1, 21, 21), np.float32)
    dot[:, :, 10, 10] = 1
    after = Affine(**{**STILL, "shift": 4})(dot)
    np.testing.assert_allclose(after.sum(axis=(1, 2, 3)), 1, atol=1e-4)
    for axis in (2, 3):
        other = 5 - axis
        at = after.sum(axis=(1, other)) @ np.arange(21) - 10
        assert -4.001 < at.min() < -3.9
        assert 3.9 < at.max() < 4.001
        assert abs(at.mean()) < 0.2


def test_background_stays_background_and_ink_stays_in_range():
    mx.random.seed(9)
    after = Affine()(np.zeros((20, 1, 12, 12)))
    assert not after.any()
    after = Affine(shift=6, rotation=180, scale=0.9, shear=1)(np.ones((50, 1, 12, 12)))
    assert after.min() >= 0
    assert after.max() <= 1 + 1e-5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shift": -1}, "shift: must be a number of at least 0, got -1"),
        ({"shift": float("inf")}, "shift: must be a number of at least 0, got inf"),
        ({"rotation": 181}, "rotation: must be a number from 0 to 180, got 181"),
        ({"rotation": "10"}, "rotation: must be a number from 0 to 180, got '10'"),
        ({"scale": 1}, "scale: must be less than 1, or an image may shrink to nothing"),
        ({"scale": float("nan")}, "scale: must be a number from 0 to 1, got nan"),
        ({"shear": True}, "shear: must be a number from 0 to 1, got true"),
        (
            {"mirror": True},
            "option 'mirror': unknown; known: probability, rotation, scale, shear, shift",
        ),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    with pytest.raises(UsageError) as caught:
        build_augmentation("affine", options, image_shape=(1, 8, 8))
    assert str(caught.value) == f"augmentation 'affine': {message}"


# The contract


class Noise(mx.gluon.HybridBlock):
    """As in docs/plugins.md."""

    def __init__(self, *, amount=0.1):
        super().__init__()
        self._amount = amount

    def hybrid_forward(self, F, x):
        return F.clip(x + self._amount * F.random.normal_like(x), 0, 1)


class Weighted(mx.gluon.HybridBlock):
    def __init__(self):
        super().__init__()
        with self.name_scope():
            self.gain = self.params.get("gain", shape=(1,))

    def hybrid_forward(self, F, x, gain):
        return F.broadcast_mul(x, gain)


class Cropped(mx.gluon.HybridBlock):
    def hybrid_forward(self, F, x):
        return F.slice(x, begin=(None, None, 1), end=(None, None, None))


class Bytes(mx.gluon.HybridBlock):
    def hybrid_forward(self, F, x):
        return F.cast(x, dtype="uint8")


class Twice(mx.gluon.HybridBlock):
    def hybrid_forward(self, F, x):
        return x, x


class Looking(mx.gluon.HybridBlock):
    def hybrid_forward(self, F, x):
        return x * x.shape[0]


@pytest.fixture
def register(monkeypatch):
    monkeypatch.setattr(AUGMENTATIONS, "_registered", {})
    return lambda name, factory: AUGMENTATIONS.register(name)(factory)


@pytest.mark.parametrize(
    ("factory", "message"),
    [
        (lambda: abs, "must return a HybridBlock or a Graph, not builtin_function_or_method"),
        (Weighted, "has parameters, and nothing would train them"),
        (
            Cropped,
            "gave float32 of shape (2, 1, 7, 8) for images of shape (2, 1, 8, 8); "
            "it must give images of the same shape, float32",
        ),
        (
            Bytes,
            "gave uint8 of shape (2, 1, 8, 8) for images of shape (2, 1, 8, 8); "
            "it must give images of the same shape, float32",
        ),
        (
            Twice,
            "gave a list for images of shape (2, 1, 8, 8); "
            "it must give images of the same shape, float32",
        ),
        (
            Looking,
            "failed on images of shape (2, 1, 8, 8): "
            "AttributeError: 'Symbol' object has no attribute 'shape'",
        ),
    ],
)
def test_a_broken_augmentation_is_told_how(factory, message, register):
    register("mine", factory)
    owner = f"augmentation 'mine' ({AUGMENTATIONS.entry('mine')})"
    with pytest.raises(PluginError) as caught:
        build_augmentation("mine", {}, image_shape=(1, 8, 8))
    assert str(caught.value) == f"{owner} {message}"


# Training


def fitted(digits, augmentation, *, seed=3, contexts=1, epochs=2):
    """A small network after some epochs whose last batch is smaller: history and weights."""
    mx.random.seed(1)
    devices = [mx.cpu(i) for i in range(contexts)]
    network = mxdigits.build_network(
        "lenet", {}, classes=4, image_shape=(1, 16, 16), contexts=devices
    )
    trainer = mxdigits.Trainer(
        network,
        "sgd",
        {"learning_rate": 0.05},
        contexts=devices,
        augmentation=augmentation,
        seed=seed,
    )
    history = trainer.fit(digits["train"], epochs=epochs, batch_size=40, validation=digits["test"])
    weights = [p.data(devices[0]).asnumpy() for p in network.collect_params().values()]
    return history, weights


def affine(**options):
    return build_augmentation("affine", options, image_shape=(1, 16, 16))


def same(left, right):
    return all(np.array_equal(a, b) for a, b in zip(left, right))


def test_the_same_seed_gives_the_same_bits(digits):
    _, once = fitted(digits, affine())
    _, again = fitted(digits, affine())
    _, another = fitted(digits, affine(), seed=4)
    _, without = fitted(digits, None)
    assert same(once, again)
    assert not same(once, another)
    assert not same(once, without)


def test_each_epoch_draws_anew_but_follows_from_the_seed_alone(digits):
    """What a program draws between two fits changes nothing."""
    network = mxdigits.build_network("mlp", {}, classes=4, image_shape=(1, 16, 16))
    found = []
    for draws in (0, 17):
        network.initialize(mx.init.One(), force_reinit=True)
        trainer = mxdigits.Trainer(network, "sgd", {"learning_rate": 1e-9}, augmentation=affine())
        for _ in range(3):
            mx.nd.random.uniform(shape=(draws + 1,)).wait_to_read()
            trainer.fit(digits["train"], epochs=1, batch_size=130)
        found.append([record.train_loss for record in trainer.history])
    assert found[0] == found[1]
    assert len(set(found[0])) == 3


def test_zero_ranges_train_as_no_augmentation_does(digits):
    _, still = fitted(digits, affine(**STILL))
    _, without = fitted(digits, None)
    for left, right in zip(still, without):
        np.testing.assert_allclose(left, right, rtol=1e-3, atol=1e-4)


def test_evaluation_sees_the_images_as_they_are(digits):
    """An augmentation that wipes images out spoils the training and not the evaluation."""

    class Wiped(mx.gluon.HybridBlock):
        def hybrid_forward(self, F, x):
            return F.zeros_like(x)

    network = mxdigits.build_network("lenet", {}, classes=4, image_shape=(1, 16, 16))
    mxdigits.Trainer(network, "adam", {"learning_rate": 0.003}).fit(
        digits["train"], epochs=5, batch_size=20
    )
    trainer = mxdigits.Trainer(network, "sgd", {"learning_rate": 1e-9}, augmentation=Wiped())
    history = trainer.fit(digits["train"], epochs=1, validation=digits["test"])
    assert history[-1].train_accuracy < 0.5
    assert history[-1].validation_accuracy == 1.0


def test_several_devices_draw_different_numbers(digits):
    history, weights = fitted(digits, affine(), contexts=2)
    again, same_weights = fitted(digits, affine(), contexts=2)
    assert [r.train_loss for r in history] == [r.train_loss for r in again]
    assert same(weights, same_weights)
    mx.random.seed(8)
    first, second = (Affine()(images(1, 1, 9, 9), context=mx.cpu(i)) for i in (0, 1))
    assert not np.array_equal(first, second)


def test_a_network_learns_what_is_shifted(digits):
    history, _ = fitted(digits, affine(shift=1), epochs=6)
    assert history[-1].validation_accuracy == 1.0


def test_an_augmentation_of_ones_own_is_named_in_a_recipe(digits, register, idx_folder, tmp_path):
    register("grain", Noise)
    recipe = mxdigits.Recipe.make(
        model="mlp",
        data={"name": "idx", "path": str(idx_folder), "batch_size": 50},
        augmentation={"name": "grain", "amount": 0.2},
        epochs=1,
        predictions=[],
    )
    done = mxdigits.run(recipe, output=tmp_path, report=False)
    record = done.folder.record_file.read_text()
    assert '"augmentation": {\n      "name": "grain",' in record
    assert '"distribution": "this process"' in record
