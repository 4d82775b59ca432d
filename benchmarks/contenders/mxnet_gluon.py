"""A plain Gluon loop as MXNet's tutorials teach it: hybridize, record, backward, metric, step."""

import numpy as np

np.bool = bool  # MXNet 1.9.1 uses it, and NumPy 1.24 removed it
import mxnet as mx  # noqa: E402
from mxnet import autograd, gluon  # noqa: E402
from mxnet.gluon import nn  # noqa: E402

from benchmarks.contenders.task import (  # noqa: E402
    BATCH,
    BLOCKS,
    FIRST_CHANNELS,
    LEARNING_RATE,
    Task,
)


class Block(gluon.HybridBlock):
    """ResNet's basic block."""

    def __init__(self, channels, stride, widens):
        super().__init__()
        with self.name_scope():
            self.body = nn.HybridSequential()
            self.body.add(
                *normalised(channels, kernel=3, stride=stride),
                nn.Activation("relu"),
                *normalised(channels, kernel=3),
            )
            self.around = None
            if widens:
                self.around = nn.HybridSequential()
                self.around.add(*normalised(channels, kernel=1, stride=stride))

    def hybrid_forward(self, F, x):
        around = self.around(x) if self.around else x
        return F.Activation(self.body(x) + around, act_type="relu")


def normalised(channels, kernel, stride=1):
    return [
        nn.Conv2D(channels, kernel, stride, padding=kernel // 2, use_bias=False),
        nn.BatchNorm(),
    ]


def resnet20():
    layers = normalised(FIRST_CHANNELS, kernel=3)
    before = FIRST_CHANNELS
    for channels, stride in BLOCKS:
        layers.append(Block(channels, stride, widens=channels != before))
        before = channels
    return [*layers, nn.GlobalAvgPool2D(), nn.Dense(10)]


def network(name):
    layers = {
        "mlp": lambda: [
            nn.Dense(128, activation="relu"),
            nn.Dense(64, activation="relu"),
            nn.Dense(10),
        ],
        "lenet": lambda: [
            nn.Conv2D(20, kernel_size=5, activation="tanh"),
            nn.MaxPool2D(pool_size=2, strides=2),
            nn.Conv2D(50, kernel_size=5, activation="tanh"),
            nn.MaxPool2D(pool_size=2, strides=2),
            nn.Dense(500, activation="tanh"),
            nn.Dense(10),
        ],
        "resnet20": resnet20,
    }
    net = nn.HybridSequential()
    net.add(*layers[name]())
    return net


def train(net, trainer, batches):
    """One epoch; returns the training accuracy."""
    metric = mx.metric.Accuracy()
    loss_function = gluon.loss.SoftmaxCrossEntropyLoss()
    batches.reset()
    for batch in batches:
        images, labels = batch.data[0], batch.label[0]
        with autograd.record():
            outputs = net(images)
            loss = loss_function(outputs, labels)
        loss.backward()
        metric.update(labels, outputs)
        trainer.step(images.shape[0])
    mx.nd.waitall()
    return metric.get()[1]


def evaluate(net, batches):
    metric = mx.metric.Accuracy()
    batches.reset()
    for batch in batches:
        metric.update(batch.label[0], net(batch.data[0]))
    return metric.get()[1]


def predict(net, batches):
    batches.reset()
    return mx.nd.concat(*[mx.nd.softmax(net(batch.data[0])) for batch in batches], dim=0).asnumpy()


def main():
    task = Task()
    mnist = task.mnist()
    train_iter = mx.io.NDArrayIter(mnist.train_images, mnist.train_labels, BATCH, shuffle=True)
    test_iter = mx.io.NDArrayIter(mnist.test_images, mnist.test_labels, BATCH)
    net = network(task.network)
    net.initialize(mx.init.Xavier())
    net.hybridize(static_alloc=True, static_shape=True)
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": LEARNING_RATE})
    for _ in range(task.epochs):
        task.training_begins()
        accuracy = train(net, trainer, train_iter)
        task.training_ends()
        task.epoch_done(accuracy, evaluate(net, test_iter))
    task.save(predict(net, test_iter))


if __name__ == "__main__":
    main()
