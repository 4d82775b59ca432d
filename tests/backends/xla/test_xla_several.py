"""Several devices by XLA: they find what one finds, whatever the size of a batch."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

jax = pytest.importorskip("jax", reason="the backend xla needs JAX")

from backends.small_networks import data, dense, trained, with_dropout, with_statistics

from mxdigits.backends.base import EpochPosition
from mxdigits.backends.choose import choose_devices
from mxdigits.backends.settings import TrainingSettings
from mxdigits.backends.xla.backend import XLABackend
from mxdigits.backends.xla.parts import Part, PartResult, in_parts
from mxdigits.backends.xla.placement import Placement

CPUS = jax.devices("cpu")
SETTINGS = TrainingSettings("sgd", {"momentum": 0.9}, seed=4, clip_global_norm=1.0)


@pytest.mark.parametrize("devices", [2, 3])
@pytest.mark.parametrize(
    ("network", "batch_size"),
    [(dense, 10), (dense, 1), (with_statistics, 9), (with_statistics, 10), (with_dropout, 7)],
)
def test_several_devices_find_what_one_finds(network, batch_size, devices):
    """Also the statistics, which are of the whole batch, and what dropout leaves out."""
    block = network()
    one, several, again = (XLABackend(block, SETTINGS, CPUS[:n]) for n in (1, devices, devices))
    alone, together, repeated = (trained(b, batch_size=batch_size) for b in (one, several, again))
    for a, b in zip(alone, together):
        assert (a.batch, a.samples, a.correct) == (b.batch, b.samples, b.correct)
        assert a.loss == pytest.approx(b.loss, rel=1e-5)
    expected, found = one.state()[0], several.state()[0]
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array, rtol=1e-3, atol=3e-5, err_msg=name)
    assert [each.loss_sum for each in together] == [each.loss_sum for each in repeated]
    for name, array in again.state()[0].items():
        assert array.tobytes() == found[name].tobytes(), name
    images, _ = data()
    np.testing.assert_allclose(several.logits(images), one.logits(images), atol=1e-4)


@pytest.mark.parametrize(
    ("network", "batch_size", "parts", "devices"),
    [
        (dense, 10, 2, 4),
        (dense, 10, 3, 4),
        (with_statistics, 10, 2, 4),
        (with_statistics, 9, 3, 3),
        (with_dropout, 7, 3, 4),
        (with_dropout, 12, 3, 2),
    ],
)
def test_several_devices_find_in_parts_what_one_finds(network, batch_size, parts, devices):
    """Also where neither a batch nor a part of it has the same number of images for each."""
    settings, block = dataclasses.replace(SETTINGS, accumulate=parts), network()
    one, several = (XLABackend(block, settings, CPUS[:n]) for n in (1, devices))
    alone, together = (trained(b, batch_size=batch_size) for b in (one, several))
    for a, b in zip(alone, together):
        assert a.loss == pytest.approx(b.loss, rel=1e-5)
    expected, found = one.state()[0], several.state()[0]
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array, rtol=1e-3, atol=3e-5, err_msg=name)


def test_each_part_of_a_batch_is_divided_among_the_devices():
    placement = Placement(CPUS[:4])
    images = placement.put(np.ones((20, 5), np.float32))
    batch = Part(images, placement.put(np.zeros(20, np.int32)), jax.random.key(0))

    def learn(statistics, part):
        product = (part.images @ np.ones((5, 7), np.float32)).sum()
        return PartResult({"w": product}, statistics, product, np.int32(0))

    whole = placement.jit(lambda batch: in_parts(learn, {}, batch, 2, placement))
    compiled = whole.lower(batch).compile()
    assert float(compiled(batch).total) == 20 * 5 * 7
    assert "f32[3,7]" in compiled.as_text()  # of ten rows three
    assert "f32[10,7]" not in compiled.as_text()


def test_each_device_has_its_part_of_the_work():
    placement = Placement(CPUS[:3])
    data, rows = placement.put(np.ones((20, 5), np.float32)), placement.put(np.arange(10))

    def half(data, rows):
        return (placement.gathered(data, rows) @ np.ones((5, 7), np.float32)).sum()

    compiled = placement.jit(half).lower(data, rows).compile()
    assert float(compiled(data, rows)) == 10 * 5 * 7
    assert "f32[4,7]" in compiled.as_text()  # of ten rows four
    assert "f32[10,7]" not in compiled.as_text()


def test_a_state_goes_to_any_number_of_devices_to_the_same_bits():
    block = with_dropout()
    left = XLABackend(block, SETTINGS, CPUS[:2])
    fit = left.begin_fit(*data(), 10)
    fit.run(0, 0.05, EpochPosition(), lambda _: None, lambda _: True)
    position, state = fit.position(), left.state()
    fit.run(0, 0.05, position, lambda _: None, lambda _: False)
    for devices, same in ((2, True), (1, False)):
        other = XLABackend(block, SETTINGS, CPUS[:devices])
        other.restore(*state)
        other.begin_fit(*data(), 10).run(0, 0.05, position, lambda _: None, lambda _: False)
        for place, array in left.snapshot().items():
            found = other.snapshot()[place]
            np.testing.assert_allclose(found, array, atol=1e-5, err_msg=place)
            assert not same or found.tobytes() == array.tobytes(), place


def test_several_devices_are_chosen_and_recorded():
    choice = choose_devices("cpu(0,2)", "xla")
    assert choice.contexts == (CPUS[0], CPUS[2])
    assert str(choice) == "cpu(0,2) by xla"
    backend = XLABackend(dense(), SETTINGS, choice.contexts)
    assert backend.record()["device"] == {"context": "cpu(0,2)"}
