"""Keras 3: compile and fit, on whichever of its backends suits the network best on a CPU."""

import os

from benchmarks.contenders.task import BATCH, LEARNING_RATE, LOOK_BATCH, Task

BACKENDS = {"mlp": "jax", "lenet": "torch"}

# Small models gain by it under JAX; PyTorch's backend runs the same steps one by one.
STEPS_PER_EXECUTION = {"jax": 10, "torch": 1}


def network(keras, name):
    layers = keras.layers
    body = {
        "mlp": lambda: [
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(64, activation="relu"),
            layers.Dense(10),
        ],
        "lenet": lambda: [
            layers.Conv2D(20, 5, activation="tanh"),
            layers.MaxPooling2D(2),
            layers.Conv2D(50, 5, activation="tanh"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(500, activation="tanh"),
            layers.Dense(10),
        ],
    }
    return keras.Sequential([keras.Input((28, 28, 1)), *body[name]()])


def clock(keras, task):
    class Clock(keras.callbacks.Callback):
        """Times epochs; ``fit`` evaluates within them."""

        def on_epoch_begin(self, epoch, logs=None):
            task.training_begins()

        def on_test_begin(self, logs=None):
            task.training_ends()

        def on_epoch_end(self, epoch, logs=None):
            task.epoch_done(logs["accuracy"], logs["val_accuracy"])

    return Clock()


def main():
    task = Task()
    backend = os.environ["KERAS_BACKEND"] = BACKENDS[task.network]
    if backend == "torch":
        import torch

        torch.set_num_threads(task.threads)
    import keras

    mnist = task.mnist()
    train_images, test_images = (
        images.transpose(0, 2, 3, 1) for images in (mnist.train_images, mnist.test_images)
    )
    model = network(keras, task.network)
    model.compile(
        optimizer=keras.optimizers.SGD(LEARNING_RATE),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        steps_per_execution=STEPS_PER_EXECUTION[backend],
    )
    model.fit(
        train_images,
        mnist.train_labels,
        batch_size=BATCH,
        epochs=task.epochs,
        validation_data=(test_images, mnist.test_labels),
        validation_batch_size=LOOK_BATCH,
        callbacks=[clock(keras, task)],
        verbose=0,
    )
    logits = model.predict(test_images, batch_size=LOOK_BATCH, verbose=0)
    task.save(keras.ops.convert_to_numpy(keras.ops.softmax(logits)))


if __name__ == "__main__":
    main()
