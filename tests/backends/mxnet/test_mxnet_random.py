"""MXNet's random numbers without MXNet: the same bits."""

from __future__ import annotations

import numpy as np
import pytest

from mxdigits.backends.mxnet.random import MXNetRandom, generator, seed_generator

# Fewer than one twister draws, as many, one more; all twisters; more than the state of one holds.
SIZES = [1, 63, 64, 65, 640, 65_535, 65_536, 65_537, 3, 700_000, 5, 100_352]


@pytest.mark.mxnet
@pytest.mark.parametrize("seed", [0, 42, 2**31 - 1, -3])
def test_uniform_numbers_are_those_of_mxnet(seed):
    from mxdigits.backends.mxnet.runtime import import_mxnet

    mx = import_mxnet()
    mx.random.seed(seed)
    random = MXNetRandom(seed)
    for size in SIZES:
        theirs = mx.nd.random.uniform(-0.1, 0.7, shape=(size,)).asnumpy()
        np.testing.assert_array_equal(random.uniform(-0.1, 0.7, (size,)), theirs)


def test_a_known_sequence():
    """Whatever is installed: the first numbers of the first twisters, and of a second draw."""
    random = MXNetRandom(42)
    first = random.uniform(0, 1, (2, 64))
    assert first.dtype == np.float32
    np.testing.assert_allclose(first[:, 0], KNOWN[0], rtol=1e-7)
    np.testing.assert_allclose(random.uniform(0, 1, (1,)), KNOWN[1], rtol=1e-7)


def test_nothing_is_drawn_for_an_empty_array():
    random = MXNetRandom(1)
    assert random.uniform(0, 1, (0, 3)).shape == (0, 3)
    np.testing.assert_array_equal(random.uniform(0, 1, (9,)), MXNetRandom(1).uniform(0, 1, (9,)))


def test_the_generator_of_the_process_goes_on_until_it_is_seeded():
    seed_generator(3)
    first, second = generator().uniform(0, 1, (9,)), generator().uniform(0, 1, (9,))
    assert (first != second).all()
    seed_generator(3)
    np.testing.assert_array_equal(generator().uniform(0, 1, (9,)), first)


KNOWN = [[0.8290936350822449, 0.12724360823631287], [0.49577149748802185]]
