"""Hand-written JAX: all images on the GPU in float32, an epoch as one scan of donated buffers."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.contenders.jax_jitted import NETWORKS, initial, make_epoch
from benchmarks.on_gpu.task import BATCH, SEED, Task, given, scaled, tell

# The precision of products of float32 matrices: float32, and JAX's default on a GPU.
PRECISIONS = {"float32": "highest", "tf32": None}


def main(task: Task, part: str) -> None:
    images, labels = task.train()
    # NHWC, which it was written for; with one channel it is the same memory.
    data = jnp.asarray(scaled(images).transpose(0, 2, 3, 1)), jnp.asarray(labels, jnp.int32)
    with jax.default_matmul_precision(PRECISIONS[part]):
        speed = task.time_epochs(_epoch(task.network, data), task.epochs)
    tell(name="scan", images_a_second=speed)


def _epoch(network, data):
    """A function that trains one epoch."""
    epoch = make_epoch(NETWORKS[network], whole=True)
    random = np.random.default_rng(SEED)
    state = initial(network)

    def train() -> None:
        nonlocal state
        order = random.permutation(len(data[1])).astype(np.int32).reshape(-1, BATCH)
        *state, correct = epoch(*state, *data, order)
        int(correct)

    return train


if __name__ == "__main__":
    main(*given())
