"""Operators with attributes that hypothesis draws, by each backend of graphs and by MXNet."""

from __future__ import annotations

import math
from importlib import import_module
from typing import Any

import pytest
from backends.cases import Case, between, distinct, normal
from backends.mxnet_reference import assert_alike, mx, run_by_mxnet
from backends.small_networks import backend_class
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mxdigits.backends.graphs.shapes import reshaped

# Each example is compiled by XLA.
few = settings(max_examples=12)


@pytest.fixture(scope="module", params=["xla", "torch"])
def run(request):
    """Runs a graph by a backend."""
    backend_class(request.param)
    return getattr(import_module(f"backends.running_{request.param}"), f"run_by_{request.param}")


def compare(
    run: Any,
    operator: str,
    *inputs: Any,
    gradients: bool = True,
    bound: float = 1e-5,
    **attributes: Any,
) -> None:
    case = Case(operator, inputs, attributes)
    graph, arrays = case.graph(), case.arrays()
    trained = case.trained() if gradients else ()
    try:
        expected = run_by_mxnet(graph, arrays, trained)
    except mx.base.MXNetError as error:
        # oneDNN lacks some that are allowed.
        assume("could not create a descriptor" not in str(error))
        raise
    assert_alike(run(graph, arrays, trained), expected, bound)


def pairs(low: int, high: int) -> st.SearchStrategy:
    return st.tuples(st.integers(low, high), st.integers(low, high))


@few
@given(st.data())
def test_convolutions(run, data):
    kernel, stride = data.draw(pairs(1, 4)), data.draw(pairs(1, 3))
    dilate, pad = data.draw(pairs(1, 2)), data.draw(pairs(0, 2))
    sizes = data.draw(pairs(4, 9))
    # Only here would a window be larger than the padded image.
    assume(all(d * (k - 1) < s + 2 * p for d, k, s, p in zip(dilate, kernel, sizes, pad)))
    groups = data.draw(st.sampled_from([1, 2]))
    no_bias = data.draw(st.booleans())
    inputs = [normal(2, 4, *sizes), normal(6, 4 // groups, *kernel), normal(6)]
    compare(
        run,
        "Convolution",
        *inputs[: 2 if no_bias else 3],
        kernel=kernel,
        stride=stride,
        dilate=dilate,
        pad=pad,
        num_filter=6,
        num_group=groups,
        no_bias=no_bias,
    )


@few
@given(st.data())
def test_deconvolutions(run, data):
    kernel, stride = data.draw(pairs(2, 4)), data.draw(pairs(1, 3))
    pad = tuple(data.draw(st.integers(0, size - 1)) for size in kernel)
    adj = tuple(data.draw(st.integers(0, step - 1)) for step in stride)
    groups = data.draw(st.sampled_from([1, 2]))
    sizes = data.draw(pairs(4, 6))
    assume(all(s * (n - 1) + k > 2 * p for s, n, k, p in zip(stride, sizes, kernel, pad)))
    compare(
        run,
        "Deconvolution",
        normal(2, 4, *sizes),
        normal(4, 6 // groups, *kernel),
        kernel=kernel,
        stride=stride,
        pad=pad,
        adj=adj,
        num_filter=6,
        num_group=groups,
    )


@few
@given(st.data())
def test_poolings(run, data):
    kernel, stride = data.draw(pairs(1, 4)), data.draw(pairs(1, 3))
    pad = tuple(data.draw(st.integers(0, size - 1)) for size in kernel)
    kind = data.draw(st.sampled_from(["max", "avg", "sum"]))
    convention = data.draw(st.sampled_from(["valid", "full"]))
    padding_counts = data.draw(st.booleans())
    # Empty windows have a case of their own: MXNet's gradient of them is undefined.
    assume(all(step <= size for step, size in zip(stride, kernel)))
    compare(
        run,
        "Pooling",
        distinct(2, 3, *data.draw(pairs(4, 9))),
        kernel=kernel,
        stride=stride,
        pad=pad,
        pool_type=kind,
        pooling_convention=convention,
        count_include_pad=padding_counts,
        global_pool=data.draw(st.booleans()),
        # Of windows that leave the image MXNet's result is the mean of what lies within, and its
        # gradient that of another mean.
        gradients=not (kind == "avg" and convention == "full" and padding_counts),
    )


@few
@given(pairs(1, 9), pairs(1, 9), st.booleans())
def test_resizing(run, sizes, wanted, aligned):
    height, width = wanted
    compare(
        run,
        "_contrib_BilinearResize2D",
        normal(1, 2, *sizes),
        height=height,
        width=width,
        align_corners=aligned,
    )
    compare(run, "_contrib_AdaptiveAvgPooling2D", normal(1, 2, *sizes), output_size=wanted)


@few
@given(st.data())
def test_reductions(run, data):
    shape = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    axes = st.lists(st.integers(0, len(shape) - 1), unique=True)
    operator = data.draw(st.sampled_from(["max", "mean", "min", "prod", "sum"]))
    axis = data.draw(st.one_of(st.none(), axes.map(sorted).map(tuple)))
    compare(
        run,
        operator,
        distinct(*shape) if operator in ("max", "min") else between(0.5, 2, *shape),
        axis=axis,
        keepdims=data.draw(st.booleans()),
        exclude=data.draw(st.booleans()),
    )


@few
@given(st.data())
def test_softmaxes(run, data):
    # Of one number alone the logarithm is 0, to what MXNet's approximation leaves.
    shape = data.draw(st.lists(st.integers(2, 5), min_size=1, max_size=4))
    compare(
        run,
        data.draw(st.sampled_from(["softmax", "log_softmax", "softmin"])),
        normal(*shape),
        axis=data.draw(st.integers(-len(shape), len(shape) - 1)),
        temperature=data.draw(st.sampled_from([None, 0.5, 3.0])),
    )


@few
@given(st.data())
def test_slices(run, data):
    shape = data.draw(st.lists(st.integers(2, 5), min_size=1, max_size=3))
    begins, ends, steps = [], [], []
    for size in shape:
        begin, end = sorted(data.draw(st.sets(st.integers(0, size), min_size=2, max_size=2)))
        turned = data.draw(st.booleans())
        step = data.draw(st.integers(1, 2))
        begins.append(end - 1 if turned else begin)
        ends.append((begin - 1 if begin else None) if turned else end)
        steps.append(-step if turned else step)
    compare(run, "slice", normal(*shape), begin=tuple(begins), end=tuple(ends), step=tuple(steps))


@few
@given(st.data())
def test_reshapes(run, data):
    shape = tuple(data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=4)))
    codes: list[int] = []
    left = len(shape)
    while left:
        code = data.draw(st.sampled_from([0, -3, -4, -2, -1] if left > 1 else [0, -4, -2]))
        # MXNet puts a size that it infers behind a split in the wrong place, and writes beyond it.
        if code == -1 and {-1, -4} & {*codes}:
            code = 0
        codes += [-4, 1, shape[len(shape) - left]] if code == -4 else [code]
        left -= {-2: left, -3: 2}.get(code, 1)
    # MXNet would end the process: it has no more dimensions, and does not count elements.
    wanted = reshaped(shape, codes)
    assume(len(wanted) <= 6 and math.prod(wanted) == math.prod(shape))
    compare(run, "Reshape", normal(*shape), shape=tuple(codes))


@few
@given(st.data())
def test_broadcasting(run, data):
    sizes = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    left, right = (
        tuple(size if data.draw(st.booleans()) else 1 for size in sizes) for _ in range(2)
    )
    operator = data.draw(st.sampled_from(["add", "sub", "mul", "div", "power", "hypot"]))
    compare(run, f"broadcast_{operator}", between(0.4, 2, *left), between(0.4, 2, *right))


@few
@given(st.data())
def test_batch_normalisations(run, data):
    shape = data.draw(st.lists(st.integers(2, 5), min_size=2, max_size=5))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    channels = shape[axis]
    assume(len(shape) > 2 or shape[1 - axis % 2] > 3)
    compare(
        run,
        "BatchNorm",
        normal(*shape),
        between(0.5, 2, channels),
        normal(channels),
        normal(channels),
        between(0.5, 2, channels),
        bound=1e-4,  # of few numbers, whose mean is taken from them, almost all cancels
        axis=axis,
        eps=data.draw(st.sampled_from([1e-3, 1e-2])),
        momentum=data.draw(st.sampled_from([0.0, 0.5, 0.9])),
        fix_gamma=data.draw(st.booleans()),
        use_global_stats=data.draw(st.booleans()),
    )
