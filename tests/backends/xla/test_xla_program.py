"""Programs of several steps: the same bits however many a loop takes together."""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax", reason="the backend xla needs JAX")

import jax.numpy as jnp

from mxdigits.backends.graphs.readings import Outcome
from mxdigits.backends.xla import program
from mxdigits.backends.xla.placement import Placement
from mxdigits.backends.xla.program import Data, Place, block, compiled, options_for

CPU = Placement(jax.devices("cpu")[:1])


def averaging(state, batch, learning_rate):
    """A step that is quick to compile, and depends on all that it is given."""
    shift = jax.random.uniform(batch.key, ())
    mean = batch.images.astype(jnp.float32).mean() + batch.labels.sum()
    state = state + learning_rate * (mean - state) + shift
    return state, Outcome(state, batch.labels.sum())


@pytest.mark.parametrize("length", [1, 4, 7])
@pytest.mark.parametrize("unroll", [1, 2, 4])
def test_a_loop_gives_the_bits_of_single_steps(length, unroll):
    random = np.random.default_rng(length)
    images = jnp.asarray(random.integers(0, 256, (30, 1, 2, 2), np.uint8))
    data = Data(images, jnp.asarray(random.integers(0, 10, 30), jnp.int32))
    place = Place(
        jnp.asarray(random.permutation(30), jnp.int32), jnp.int32(2), jnp.zeros(2, jnp.uint32)
    )
    begin, rates = jnp.float32(1), jnp.asarray(random.uniform(0.1, 0.5, 10), jnp.float32)
    whole = jax.jit(block(averaging, length, 3, 3, CPU, unroll))(begin, data, place, rates)
    state, losses = begin, []
    single = jax.jit(block(averaging, 1, 3, 3, CPU))
    for number in range(2, 2 + length):
        state, outcome = single(state, data, place._replace(first=jnp.int32(number)), rates)
        losses.append(float(outcome.loss[0]))
    assert np.asarray(whole[0]) == np.asarray(state)
    assert np.asarray(whole[1].loss).tolist() == losses


@pytest.mark.parametrize(
    ("platform", "repeatable", "options"),
    [
        ("cpu", True, None),
        ("gpu", False, None),
        ("gpu", True, {**program.REPEATABLE, "xla_gpu_per_fusion_autotune_cache_dir": ""}),
    ],
)
def test_only_a_gpu_needs_options_for_the_same_bits(platform, repeatable, options):
    if options and not hasattr(jax.config, "jax_persistent_cache_enable_xla_caches"):
        options = program.REPEATABLE
    assert options_for(platform, repeatable) == options


def test_jax_knows_the_options():
    """It refuses unknown ones, on a CPU too."""
    options = options_for("gpu", True)
    assert jax.jit(lambda x: 2 * x).lower(1.0).compile(compiler_options=options)(3.0) == 6


def test_a_program_overwrites_the_state_that_it_is_given():
    data = Data(jnp.zeros((4, 1, 2, 2), jnp.uint8), jnp.zeros(4, jnp.int32))
    place = Place(jnp.arange(4, dtype=jnp.int32), jnp.int32(0), jnp.zeros(2, jnp.uint32))
    given, rates = jnp.ones(8), jnp.full(2, 0.5, jnp.float32)
    function = block(averaging, 2, 2, 2, CPU)
    function = compiled(function, given, data, place, rates, placement=CPU, repeatable=True)
    function(given, data, place, rates)
    assert given.is_deleted()
