"""JAX whose layers and gradients are computed in bfloat16, otherwise as in jax_jitted."""

import jax.numpy as jnp

from benchmarks.contenders.jax_jitted import run
from benchmarks.contenders.task import Task

if __name__ == "__main__":
    run(Task(), jnp.bfloat16)
