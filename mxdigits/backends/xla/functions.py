"""JAX's functions for optimizers and loss scaling."""

from __future__ import annotations

import jax.numpy as jnp

from ..graphs.functions import Functions, descended

FUNCTIONS = Functions(
    abs=jnp.abs,
    all=jnp.all,
    clip=jnp.clip,
    copy=jnp.array,
    descended=descended,
    expm1=jnp.expm1,
    float32=lambda number: jnp.asarray(number, jnp.float32),
    int32=lambda number: jnp.asarray(number, jnp.int32),
    isfinite=jnp.isfinite,
    maximum=jnp.maximum,
    minimum=jnp.minimum,
    ones_like=jnp.ones_like,
    power=jnp.power,
    sign=jnp.sign,
    sqrt=jnp.sqrt,
    square=jnp.square,
    stack=jnp.stack,
    sum=jnp.sum,
    where=jnp.where,
    zeros_like=jnp.zeros_like,
)
