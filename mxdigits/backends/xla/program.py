"""Compiled programs, which run a block of batches in one call of the device."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Callable, NamedTuple, Optional, Union

import jax
import jax.numpy as jnp
from jax import lax

from ...graph import Graph
from ..graphs.fit_weights import FitState
from ..graphs.readings import Outcome
from .placement import Placement
from .step import Batch, Step
from .types import Array, Traced, Tree

# Options for operations that give the same bits each time. The excluded convolutions and products
# add up in the order in which threads finish.
CompilerOptions = dict[str, Union[bool, str]]
REPEATABLE: CompilerOptions = {"xla_gpu_deterministic_ops": True}
# XLA would still use them if it found another program's choice of convolutions on disk. If JAX has
# this setting, it gives XLA a folder of such choices, which must not be read here.
_CHOICES_ARE_KEPT = "jax_persistent_cache_enable_xla_caches"
_NO_KEPT_CHOICES = {"xla_gpu_per_fusion_autotune_cache_dir": ""}
# Steps in one round of the loop, for steps with so few operators that a GPU would wait for the loop
# itself. Larger steps and CPUs gain nothing, and compiling would take several times as long.
_UNROLLED = 4
_FEW_OPERATORS = 32

# The seconds that a block may take on a slow GPU, because a fit can stop only after a block; the
# multiplications and additions that such a GPU does per second; and its seconds to start a step.
_BLOCK_SECONDS = 0.2
_SLOW_FLOPS = 2e12
_SLOW_START = 5e-5


class Data(NamedTuple):
    """A training set on the device: uint8 (N, C, H, W) and int32 (N,); and a teacher's arrays.

    Example:
        >>> Data(jnp.zeros((20, 1, 28, 28), jnp.uint8), jnp.zeros(20, jnp.int32)).images.shape
        (20, 1, 28, 28)
    """

    images: Array
    labels: Array
    teacher: dict[str, Array] = {}


class Place(NamedTuple):
    """The start of a block: its epoch's order, int32 (N,), its first batch, and the epoch's key.

    Example:
        >>> place = Place(jnp.arange(20), jnp.int32(0), jnp.zeros(2, jnp.uint32))
        >>> place._replace(first=jnp.int32(5)).first.tolist()
        5
    """

    order: Array
    first: Array
    key: Array


_Done = tuple[FitState, Outcome]
Program = Callable[[FitState, Data, Place, Array], _Done]


def unrolled(graph: Graph, platform: str) -> int:
    """The number of steps that the loop runs in one round; the bits do not depend on it.

    Example:
        >>> from mxdigits.graph import Output, Variable, operation
        >>> relu = operation("relu", "relu", [Output(0)])
        >>> graph = Graph((Variable("data", "input"), relu), (Output(1),))
        >>> unrolled(graph, "gpu"), unrolled(graph, "cpu")
        (4, 1)
    """
    few = sum(1 for _ in graph.operations) <= _FEW_OPERATORS
    return _UNROLLED if few and platform != "cpu" else 1


def block(
    step: Step, length: int, size: int, batch_size: int, placement: Placement, unroll: int = 1
) -> Program:
    """The function that runs ``length`` steps one after the other.

    Args:
        step: a step of :func:`~mxdigits.backends.xla.step.training_step`.
        length: the number of steps.
        size: the number of images in each step.
        batch_size: the number of images of each earlier batch of the epoch.
        placement: the devices that share each batch.
        unroll: the number of steps in one round of the loop; the bits do not depend on it.

    Returns:
        A function of the state, the training set, the place and the learning rate of each batch of
        the epoch. It gives the state, and the loss and the correct answers of each batch, (length,)
        both.

    Example:
        >>> placement = Placement(jax.devices("cpu")[:1])
        >>> step = lambda state, batch, rate: (state + len(batch.labels), batch.labels.sum())
        >>> run = block(step, length=2, size=5, batch_size=5, placement=placement)
        >>> data = Data(jnp.zeros((10, 1, 2, 2), jnp.uint8), jnp.arange(10))
        >>> place = Place(jnp.arange(10), jnp.int32(0), jnp.zeros(2, jnp.uint32))
        >>> state, sums = run(0, data, place, jnp.full(2, 0.1))
        >>> state.tolist(), sums.tolist()
        (10, [10, 35])
    """

    def one(state: FitState, data: Data, place: Place, rates: Array) -> _Done:
        images, labels = placement.batch(data[:2], place.order, place.first, batch_size, size)
        batch = Batch(
            images,
            labels,
            jax.random.fold_in(_as_key(place.key), place.first),
            data.teacher,
        )
        return step(state, batch, rates[place.first])

    def run(state: FitState, data: Data, place: Place, rates: Array) -> _Done:
        if length == 1:
            state, outcome = one(state, data, place, rates)
            return state, jax.tree_util.tree_map(lambda each: each[None], outcome)

        def following(state: FitState, number: Array) -> _Done:
            return one(state, data, place._replace(first=number), rates)

        numbers = place.first + jnp.arange(length, dtype=jnp.int32)
        return lax.scan(following, state, numbers, unroll=unroll)

    return run


def _as_key(numbers: Array) -> Array:
    return jax.random.wrap_key_data(numbers, impl="threefry2x32")


def compiled(program: Program, *arguments: Tree, placement: Placement, repeatable: bool) -> Program:
    """A program compiled for arguments like these; it overwrites the state that it gets.

    Example:
        >>> placement = Placement(jax.devices("cpu")[:1])
        >>> how = {"placement": placement, "repeatable": True}
        >>> double = compiled(lambda state: state * 2, jnp.ones(2), **how)
        >>> double(jnp.array([1.0, 2.0])).tolist()
        [2.0, 4.0]
    """
    lowered = placement.jit(program, donate_argnums=(0,)).lower(*arguments)
    options = options_for(placement.platform, repeatable)
    result: Program = lowered.compile(compiler_options=options)
    return result


def options_for(platform: str, repeatable: bool) -> Optional[CompilerOptions]:
    """The options to compile a program with; None for JAX's own.

    Example:
        >>> options_for("cpu", repeatable=True), options_for("gpu", repeatable=False)
        (None, None)
    """
    if not repeatable or platform != "gpu":
        return None
    return {**REPEATABLE, **(_NO_KEPT_CHOICES if hasattr(jax.config, _CHOICES_ARE_KEPT) else {})}


def block_length(program: Program, arguments: tuple[Tree, ...], batches: int) -> int:
    """The number of batches to run as one block on an accelerator, out of ``batches``.

    It depends only on the program and its arguments, never on a clock, so that blocks begin at the
    same batches in every process. A divisor of ``batches`` is preferred, because one program is
    then enough.

    Example:
        >>> block_length(lambda state: state + 1, (jnp.ones(2),), batches=600)
        600
    """
    work = operations(jax.make_jaxpr(program)(*arguments).jaxpr)
    most = max(1, int(_BLOCK_SECONDS / (work / _SLOW_FLOPS + _SLOW_START)))
    if most >= batches:
        return max(batches, 1)
    divisors = [each for each in range(max(1, most // 4), most + 1) if batches % each == 0]
    return divisors[-1] if divisors else most


def operations(traced: Traced) -> int:
    """The number of additions and multiplications in a traced function's products and convolutions.

    Example:
        >>> product = jax.make_jaxpr(jnp.matmul)(jnp.ones((2, 3)), jnp.ones((3, 5)))
        >>> operations(product.jaxpr)
        60
        >>> def loop(x):
        ...     return jax.lax.scan(lambda x, _: (jnp.matmul(x, x), None), x, length=10)
        >>> operations(jax.make_jaxpr(loop)(jnp.ones((2, 2))).jaxpr)
        160
    """
    total = 0
    for equation in traced.eqns:
        if equation.primitive.name == "dot_general":
            (contracted, _), _ = equation.params["dimension_numbers"]
            shape = equation.invars[0].aval.shape
            total += 2 * _count(equation) * math.prod(shape[axis] for axis in contracted)
        elif equation.primitive.name == "conv_general_dilated":
            kernel = equation.invars[1].aval.shape
            filters = kernel[equation.params["dimension_numbers"].rhs_spec[0]]
            total += 2 * _count(equation) * math.prod(kernel) // max(filters, 1)
        times = equation.params["length"] if equation.primitive.name == "scan" else 1
        total += times * sum(operations(inner) for inner in _within(equation))
    return total


def _count(equation: Traced) -> int:
    """The number of numbers that an equation gives."""
    return math.prod(equation.outvars[0].aval.shape)


def _within(equation: Traced) -> Iterator[Traced]:
    """The traced functions that an equation calls."""
    for value in equation.params.values():
        for each in value if isinstance(value, (list, tuple)) else [value]:
            inner = getattr(each, "jaxpr", each)
            if hasattr(inner, "eqns"):
                yield inner
