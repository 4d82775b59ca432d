"""JAX: a jitted step with donated buffers; for the MLP a jitted epoch, which XLA runs well."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from benchmarks.contenders.task import (
    BATCH,
    BLOCKS,
    FIRST_CHANNELS,
    LEARNING_RATE,
    NORM_EPSILON,
    NORM_MOMENTUM,
    PREDICT_BATCH,
    Task,
)

SHAPES = {
    "mlp": [(784, 128), (128, 64), (64, 10)],
    "lenet": [(5, 5, 1, 20), (5, 5, 20, 50), (800, 500), (500, 10)],
}

# Each network: parameters, running statistics, images, whether it learns -> logits, statistics.


def mlp(params, stats, x, learns):
    (w1, b1), (w2, b2), (w3, b3) = params
    x = x.reshape(len(x), -1)
    x = jax.nn.relu(x @ w1 + b1)
    x = jax.nn.relu(x @ w2 + b2)
    return x @ w3 + b3, stats


def lenet(params, stats, x, learns):
    (w1, b1), (w2, b2), (w3, b3), (w4, b4) = params
    x = max_pool(jnp.tanh(convolution(x, w1) + b1))
    x = max_pool(jnp.tanh(convolution(x, w2) + b2))
    x = jnp.tanh(x.reshape(len(x), -1) @ w3 + b3)
    return x @ w4 + b4, stats


def resnet20(params, stats, x, learns):
    *convolutions, (w, b) = params
    layers, seen = zip(convolutions, stats), []

    def normalised(x, stride=1):
        (weights, scale, shift), running = next(layers)
        x = convolution(x, weights, stride, padding=weights.shape[0] // 2)
        mean, variance = (x.mean((0, 1, 2)), x.var((0, 1, 2))) if learns else running
        pairs = zip(running, (mean, variance))
        seen.append([NORM_MOMENTUM * old + (1 - NORM_MOMENTUM) * new for old, new in pairs])
        return (x - mean) * (scale * lax.rsqrt(variance + NORM_EPSILON)) + shift

    x = normalised(x)
    for channels, stride in BLOCKS:
        body = normalised(jax.nn.relu(normalised(x, stride)))
        around = x if x.shape[-1] == channels else normalised(x, stride)
        x = jax.nn.relu(body + around)
    return x.mean((1, 2)) @ w + b, seen


NETWORKS = {"mlp": mlp, "lenet": lenet, "resnet20": resnet20}


def convolution(x, w, stride=1, padding=0):
    around, order = [(padding, padding)] * 2, ("NHWC", "HWIO", "NHWC")
    return lax.conv_general_dilated(x, w, (stride, stride), around, dimension_numbers=order)


def max_pool(x):
    # Faster than reduce_window on a CPU, and its gradient much faster.
    n, h, w, c = x.shape
    return x.reshape(n, h // 2, 2, w // 2, 2, c).max((2, 4))


def initial(name):
    """Parameters and running statistics."""
    shapes = resnet20_shapes() if name == "resnet20" else SHAPES[name]
    keys = jax.random.split(jax.random.key(0), len(shapes))
    glorot = jax.nn.initializers.glorot_uniform()
    weights = [glorot(key, shape) for key, shape in zip(keys, shapes)]
    zeros, ones = ([fill(shape[-1]) for shape in shapes] for fill in (jnp.zeros, jnp.ones))
    if name != "resnet20":
        return list(zip(weights, zeros)), []
    normalised = list(zip(weights, ones, zeros))[:-1]
    stats = [[jnp.zeros(shape[-1]), jnp.ones(shape[-1])] for shape in shapes[:-1]]
    return [*normalised, (weights[-1], zeros[-1])], stats


def resnet20_shapes():
    """The shapes of the weights, in the order in which the network takes them."""
    before = FIRST_CHANNELS
    shapes = [(3, 3, 1, before)]
    for channels, _ in BLOCKS:
        shapes += [(3, 3, before, channels), (3, 3, channels, channels)]
        if before != channels:
            shapes.append((1, 1, before, channels))
        before = channels
    return [*shapes, (before, 10)]


def make_epoch(network, whole, dtype):
    """A function: params, stats, images, labels, order (batches, BATCH) -> params, stats, correct.

    It is jitted for each step, or for the whole epoch. Parameters stay float32; ``dtype`` is what
    the layers compute in.
    """

    def loss(params, stats, x, y):
        params = jax.tree.map(lambda p: p.astype(dtype), params)
        logits, stats = network(params, stats, x.astype(dtype), True)
        log_prob = jax.nn.log_softmax(logits.astype(jnp.float32))
        picked = jnp.take_along_axis(log_prob, y[:, None], axis=1)
        return -picked.mean(), (stats, (logits.argmax(1) == y).sum())

    def step(params, stats, correct, images, labels, index):
        gradient = jax.value_and_grad(loss, has_aux=True)
        (_, (stats, right)), grads = gradient(params, stats, images[index], labels[index])
        params = jax.tree.map(lambda p, g: p - LEARNING_RATE * g, params, grads)
        return params, stats, correct + right

    @partial(jax.jit, donate_argnums=(0, 1))
    def scanned(params, stats, images, labels, order):
        def body(state, index):
            return step(*state, images, labels, index), None

        return lax.scan(body, (params, stats, jnp.int32(0)), order)[0]

    jitted = jax.jit(step, donate_argnums=(0, 1, 2))

    def stepped(params, stats, images, labels, order):
        state = params, stats, jnp.int32(0)
        for index in order:
            state = jitted(*state, images, labels, index)
        return state

    return scanned if whole else stepped


def run(task, dtype=jnp.float32):
    """Train; ``dtype`` is what the layers compute in."""
    mnist = task.mnist()
    # NHWC, which XLA prefers on a CPU; for one channel it is the same memory.
    train_images = jnp.asarray(mnist.train_images.transpose(0, 2, 3, 1))
    train_labels = jnp.asarray(mnist.train_labels, jnp.int32)
    test_images = mnist.test_images.transpose(0, 2, 3, 1)
    network = NETWORKS[task.network]
    # XLA's convolutions are slow inside a loop on a CPU (jax-ml/jax issue 12868).
    epoch = make_epoch(network, whole=task.network == "mlp", dtype=dtype)
    probabilities = jax.jit(lambda p, s, x: jax.nn.softmax(network(p, s, x, False)[0]))
    params, stats = initial(task.network)
    random = np.random.default_rng(0)
    for _ in range(task.epochs):
        task.training_begins()
        order = random.permutation(len(train_labels)).astype(np.int32).reshape(-1, BATCH)
        params, stats, correct = epoch(params, stats, train_images, train_labels, order)
        accuracy = int(correct) / order.size
        jax.block_until_ready(params)
        task.training_ends()
        pieces = np.split(test_images, range(PREDICT_BATCH, len(test_images), PREDICT_BATCH))
        prob = np.concatenate([probabilities(params, stats, piece) for piece in pieces])
        task.epoch_done(accuracy, (prob.argmax(1) == mnist.test_labels).mean())
    task.save(prob)


if __name__ == "__main__":
    run(Task())
