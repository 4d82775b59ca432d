"""Keras 3: compile and fit, on whichever of its backends suits the network best on a CPU."""

import os

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

BACKENDS = {"mlp": "jax", "lenet": "torch", "resnet20": "torch"}

# Small models are faster with it under JAX; PyTorch's backend runs the steps one by one anyway.
STEPS_PER_EXECUTION = {"jax": 10, "torch": 1}


def resnet20(keras):
    layers = keras.layers

    def normalised(x, channels, kernel, stride=1):
        # Not "same", which pads one side only where the stride is 2.
        x = layers.ZeroPadding2D(kernel // 2)(x) if kernel > 1 else x
        x = layers.Conv2D(channels, kernel, stride, use_bias=False)(x)
        return layers.BatchNormalization(momentum=NORM_MOMENTUM, epsilon=NORM_EPSILON)(x)

    images = keras.Input((28, 28, 1))
    x = normalised(images, FIRST_CHANNELS, kernel=3)
    for channels, stride in BLOCKS:
        body = layers.ReLU()(normalised(x, channels, kernel=3, stride=stride))
        body = normalised(body, channels, kernel=3)
        widens = x.shape[-1] != channels
        around = normalised(x, channels, kernel=1, stride=stride) if widens else x
        x = layers.ReLU()(body + around)
    return keras.Model(images, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))


def network(keras, name):
    if name == "resnet20":
        return resnet20(keras)
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
        validation_batch_size=PREDICT_BATCH,
        callbacks=[clock(keras, task)],
        verbose=0,
    )
    logits = model.predict(test_images, batch_size=PREDICT_BATCH, verbose=0)
    task.save(keras.ops.convert_to_numpy(keras.ops.softmax(logits)))


if __name__ == "__main__":
    main()
