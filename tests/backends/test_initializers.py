"""Initializers: MXNet's formulas, what is refused, and weights that follow from the seed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mxdigits.backends.graphs.initializers import Initializer, initial_value
from mxdigits.backends.mxnet.names import INITIALIZERS, REQUIRED

SEED = 5


def drawn(name, shape, **options):
    return Initializer(name, options)(shape, np.random.RandomState(SEED))


def test_every_initializer_of_a_recipe_is_there():
    for name, options in INITIALIZERS.items():
        needed = {key: 0.5 for key, default in options.items() if default is REQUIRED}
        array = drawn(name, (4, 3, 2, 2), **needed)
        assert array.dtype == np.float32
        assert array.shape == (4, 3, 2, 2)
        assert np.isfinite(array).all()


@pytest.mark.parametrize(("name", "value"), [("zero", 0), ("zeros", 0), ("one", 1), ("ones", 1)])
def test_what_fills(name, value):
    assert (drawn(name, (3, 2)) == value).all()


def test_a_constant_is_a_number_or_an_array():
    assert (drawn("constant", (2,), value=0.25) == 0.25).all()
    assert drawn("constant", (2, 2), value=[[1, 2], [3, 4]]).tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("options", "fan"),
    [({}, 21.5 * 25), ({"factor_type": "in"}, 3 * 25), ({"factor_type": "out"}, 40 * 25)],
)
@pytest.mark.parametrize("kind", ["uniform", "gaussian"])
@pytest.mark.parametrize("magnitude", [3, 2.34])
def test_xavier(options, fan, kind, magnitude):
    """The bound of a uniform, and the standard deviation of a normal distribution."""
    array = drawn("xavier", (40, 3, 5, 5), rnd_type=kind, magnitude=magnitude, **options)
    scale = math.sqrt(magnitude / fan)
    if kind == "uniform":
        assert np.abs(array).max() <= scale
        scale /= math.sqrt(3)
    assert array.std() == pytest.approx(scale, rel=0.05)
    assert abs(array.mean()) < 0.1 * scale


def test_msraprelu_is_xavier_with_a_magnitude_of_its_own():
    expected = drawn("xavier", (9, 4), rnd_type="gaussian", factor_type="in", magnitude=1.6)
    assert (drawn("msraprelu", (9, 4), factor_type="in", slope=0.5) == expected).all()


@pytest.mark.parametrize("shape", [(8, 8), (3, 20), (20, 3), (6, 2, 2, 2)])
@pytest.mark.parametrize("kind", ["uniform", "normal"])
def test_rows_or_columns_are_orthogonal(shape, kind):
    flat = drawn("orthogonal", shape, scale=1.5, rand_type=kind).reshape(shape[0], -1)
    product = flat @ flat.T if flat.shape[0] <= flat.shape[1] else flat.T @ flat
    np.testing.assert_allclose(product, 1.5**2 * np.eye(len(product)), atol=1e-5)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("he", {}, f"there is no initializer 'he'; there are {', '.join(sorted(INITIALIZERS))}"),
        ("xavier", {"gain": 1}, "the initializer xavier has no option 'gain'"),
        ("normal", {"sigma": "1"}, "sigma of the initializer normal must be a number"),
        ("constant", {}, "the initializer constant needs the option 'value'"),
        (
            "constant",
            {"value": [[1, None]]},
            "value of the initializer constant must be a number",
        ),
        ("xavier", {"rnd_type": "g"}, "rnd_type must be uniform or gaussian, got 'g'"),
        ("xavier", {"factor_type": "all"}, "factor_type must be avg, in or out, got 'all'"),
        ("xavier", {"magnitude": -1}, "magnitude must not be negative, got -1"),
        ("orthogonal", {"rand_type": "x"}, "rand_type must be uniform or normal, got 'x'"),
    ],
)
def test_what_is_refused(name, options, message):
    with pytest.raises(ValueError, match=r"\w") as caught:
        Initializer(name, options)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "name", "options"),
    [
        ("zeros", "zero", {}),
        ("Xavier", "xavier", {}),
        ('["constant", {"value": 0.25}]', "constant", {"value": 0.25}),
        ('["MSRAPrelu", {"factor_type": "in", "slope": 0}]', "msraprelu", None),
    ],
)
def test_what_mxnet_writes_is_read(text, name, options):
    found = Initializer.parse(text)
    assert found.name == name
    assert options is None or found.options == options


@pytest.mark.parametrize("text", ["[", "[]", '["zero"]', '["zero", 1]', "[1, {}]", "[" * 9999])
def test_what_is_no_initializer(text):
    with pytest.raises(ValueError, match="is no initializer"):
        Initializer.parse(text)


@pytest.mark.parametrize(
    ("name", "hint", "value"),
    [
        ("a_bias", "", 0),
        ("a_beta", "", 0),
        ("a_gamma", "", 1),
        ("a_running_mean", "", 0),
        ("a_moving_mean", "", 0),
        ("a_running_var", "", 1),
        ("a_moving_var", "", 1),
        ("a_weight", "", 7),
        ("anything", "", 7),
        ("a_bias", "ones", 1),
        ("a_gamma", '["constant", {"value": 3}]', 3),
    ],
)
def test_a_parameter_begins_by_its_own_then_by_its_name_then_as_all(name, hint, value):
    network = Initializer("constant", {"value": 7})
    found = initial_value(name, (3,), hint, network, np.random.RandomState(SEED))
    assert found.tolist() == [value] * 3


@pytest.mark.parametrize(
    ("hint", "shape", "message"),
    [
        (
            "",
            (3,),
            "this initializer is for arrays of 2 dimensions or more, not for (3,)",
        ),
        ("Constant_c_1", (3, 3), "there is no initializer 'constant_c_1'; there are "),
        ('["bilinear", {}]', (3, 3), "bilinear is for arrays of 4 dimensions, not for (3, 3)"),
    ],
)
def test_a_parameter_that_cannot_begin_is_named(hint, shape, message):
    with pytest.raises(ValueError, match=r"\w") as caught:
        initial_value("odd", shape, hint, Initializer("xavier"), np.random.RandomState(SEED))
    assert str(caught.value).startswith(f"the parameter 'odd' cannot be initialised: {message}")


def test_the_seed_decides():
    """The bits are pinned: another release must not give other weights for the same seed."""
    one, again = drawn("xavier", (2, 3)), drawn("xavier", (2, 3))
    assert one.tobytes() == again.tobytes()
    np.testing.assert_allclose(
        one,
        np.float32([[-0.60908246, 0.81223381, -0.64254612], [0.91713053, -0.02538981, 0.24481854]]),
        rtol=1e-6,
    )


@pytest.mark.mxnet
@pytest.mark.parametrize("shape", [(2, 3, 4, 4), (2, 1, 5, 3), (1, 1, 3, 6)])
def test_bilinear_is_mxnets(shape):
    from mxdigits.backends.mxnet.runtime import import_mxnet

    mx = import_mxnet()
    array = mx.nd.zeros(shape)
    mx.init.Bilinear()._init_weight("weight", array)
    np.testing.assert_allclose(drawn("bilinear", shape), array.asnumpy(), rtol=1e-6)


@pytest.mark.mxnet
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("xavier", {}),
        ("xavier", {"rnd_type": "gaussian", "factor_type": "in", "magnitude": 2.34}),
        ("xavier", {"factor_type": "out"}),
        ("msraprelu", {"factor_type": "out", "slope": 0.1}),
        ("normal", {"sigma": 0.3}),
        ("uniform", {"scale": 0.2}),
        ("orthogonal", {}),
        ("orthogonal", {"scale": 2, "rand_type": "normal"}),
    ],
)
def test_the_distribution_is_mxnets(name, options):
    from mxdigits.backends.mxnet.runtime import import_mxnet

    mx = import_mxnet()
    mx.random.seed(SEED)
    array = mx.nd.zeros((150, 20, 5, 5))
    mx.initializer.create(name, **options)._init_weight("weight", array)
    theirs, ours = array.asnumpy().ravel(), drawn(name, array.shape, **options).ravel()
    quantiles = np.linspace(0.02, 0.98, 25)
    spread = theirs.std()
    np.testing.assert_allclose(
        np.quantile(ours, quantiles), np.quantile(theirs, quantiles), atol=0.04 * spread
    )
