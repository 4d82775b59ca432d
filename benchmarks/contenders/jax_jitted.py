"""JAX: a jitted step with donated buffers; for the MLP a jitted epoch, for which XLA is good."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from benchmarks.contenders.task import BATCH, LEARNING_RATE, LOOK_BATCH, Task

SHAPES = {
    "mlp": [(784, 128), (128, 64), (64, 10)],
    "lenet": [(5, 5, 1, 20), (5, 5, 20, 50), (800, 500), (500, 10)],
}


def mlp(params, x):
    (w1, b1), (w2, b2), (w3, b3) = params
    x = x.reshape(len(x), -1)
    x = jax.nn.relu(x @ w1 + b1)
    x = jax.nn.relu(x @ w2 + b2)
    return x @ w3 + b3


def lenet(params, x):
    (w1, b1), (w2, b2), (w3, b3), (w4, b4) = params
    x = max_pool(jnp.tanh(convolution(x, w1) + b1))
    x = max_pool(jnp.tanh(convolution(x, w2) + b2))
    x = jnp.tanh(x.reshape(len(x), -1) @ w3 + b3)
    return x @ w4 + b4


def convolution(x, w):
    return lax.conv_general_dilated(
        x, w, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


def max_pool(x):
    # On a CPU faster than reduce_window, by far in its gradient.
    n, h, w, c = x.shape
    return x.reshape(n, h // 2, 2, w // 2, 2, c).max((2, 4))


def initial(name):
    glorot = jax.nn.initializers.glorot_uniform()
    keys = jax.random.split(jax.random.key(0), len(SHAPES[name]))
    return [(glorot(k, shape), jnp.zeros(shape[-1])) for k, shape in zip(keys, SHAPES[name])]


def make_epoch(network, whole):
    """A function: parameters, images, labels, order (batches, BATCH) -> parameters, correct."""

    def loss(params, x, y):
        logits = network(params, x)
        log_prob = jax.nn.log_softmax(logits)
        picked = jnp.take_along_axis(log_prob, y[:, None], axis=1)
        return -picked.mean(), (logits.argmax(1) == y).sum()

    def step(params, correct, images, labels, index):
        gradient = jax.value_and_grad(loss, has_aux=True)
        (_, right), grads = gradient(params, images[index], labels[index])
        params = jax.tree.map(lambda p, g: p - LEARNING_RATE * g, params, grads)
        return params, correct + right

    @partial(jax.jit, donate_argnums=0)
    def scanned(params, images, labels, order):
        def body(state, index):
            return step(*state, images, labels, index), None

        return lax.scan(body, (params, jnp.int32(0)), order)[0]

    jitted = jax.jit(step, donate_argnums=(0, 1))

    def stepped(params, images, labels, order):
        correct = jnp.int32(0)
        for index in order:
            params, correct = jitted(params, correct, images, labels, index)
        return params, correct

    return scanned if whole else stepped


def main():
    task = Task()
    mnist = task.mnist()
    # NHWC, which XLA prefers on a CPU; for one channel it is the same memory.
    train_images = jnp.asarray(mnist.train_images.transpose(0, 2, 3, 1))
    train_labels = jnp.asarray(mnist.train_labels, jnp.int32)
    test_images = mnist.test_images.transpose(0, 2, 3, 1)
    network = {"mlp": mlp, "lenet": lenet}[task.network]
    # XLA's convolutions are slow inside a loop on a CPU (jax-ml/jax issue 12868).
    epoch = make_epoch(network, whole=task.network == "mlp")
    probabilities = jax.jit(lambda params, x: jax.nn.softmax(network(params, x)))
    params = initial(task.network)
    random = np.random.default_rng(0)
    for _ in range(task.epochs):
        task.training_begins()
        order = random.permutation(len(train_labels)).astype(np.int32).reshape(-1, BATCH)
        params, correct = epoch(params, train_images, train_labels, order)
        accuracy = int(correct) / order.size
        jax.block_until_ready(params)
        task.training_ends()
        pieces = np.split(test_images, range(LOOK_BATCH, len(test_images), LOOK_BATCH))
        prob = np.concatenate([probabilities(params, piece) for piece in pieces])
        task.epoch_done(accuracy, (prob.argmax(1) == mnist.test_labels).mean())
    task.save(prob)


if __name__ == "__main__":
    main()
