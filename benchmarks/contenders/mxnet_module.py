"""MXNet's tutorial "Handwritten Digit Recognition": the Module API, as its users run it.

It differs only where this MXNet, this NumPy and these tables need it: the data are read from files,
the weights are initialised as in all contenders, and callbacks measure the time.
"""

import logging

import numpy as np

np.bool = bool  # MXNet 1.9.1 reads it, and NumPy 1.24 took it away
import mxnet as mx  # noqa: E402

from benchmarks.contenders.task import (  # noqa: E402
    BATCH,
    BLOCKS,
    FIRST_CHANNELS,
    LEARNING_RATE,
    NORM_EPSILON,
    NORM_MOMENTUM,
    Task,
)


def mlp():
    data = mx.sym.flatten(data=mx.sym.var("data"))
    fc1 = mx.sym.FullyConnected(data=data, num_hidden=128)
    act1 = mx.sym.Activation(data=fc1, act_type="relu")
    fc2 = mx.sym.FullyConnected(data=act1, num_hidden=64)
    act2 = mx.sym.Activation(data=fc2, act_type="relu")
    fc3 = mx.sym.FullyConnected(data=act2, num_hidden=10)
    return mx.sym.SoftmaxOutput(data=fc3, name="softmax")


def lenet():
    conv1 = mx.sym.Convolution(data=mx.sym.var("data"), kernel=(5, 5), num_filter=20)
    tanh1 = mx.sym.Activation(data=conv1, act_type="tanh")
    pool1 = mx.sym.Pooling(data=tanh1, pool_type="max", kernel=(2, 2), stride=(2, 2))
    conv2 = mx.sym.Convolution(data=pool1, kernel=(5, 5), num_filter=50)
    tanh2 = mx.sym.Activation(data=conv2, act_type="tanh")
    pool2 = mx.sym.Pooling(data=tanh2, pool_type="max", kernel=(2, 2), stride=(2, 2))
    fc1 = mx.sym.FullyConnected(data=mx.sym.flatten(data=pool2), num_hidden=500)
    tanh3 = mx.sym.Activation(data=fc1, act_type="tanh")
    fc2 = mx.sym.FullyConnected(data=tanh3, num_hidden=10)
    return mx.sym.SoftmaxOutput(data=fc2, name="softmax")


def resnet20():
    x = normalised(mx.sym.var("data"), FIRST_CHANNELS, kernel=3)
    before = FIRST_CHANNELS
    for channels, stride in BLOCKS:
        x, before = block(x, channels, stride, widens=channels != before), channels
    x = mx.sym.Pooling(data=x, pool_type="avg", global_pool=True, kernel=(1, 1))
    fc = mx.sym.FullyConnected(data=mx.sym.flatten(data=x), num_hidden=10)
    return mx.sym.SoftmaxOutput(data=fc, name="softmax")


def block(x, channels, stride, widens):
    body = normalised(x, channels, kernel=3, stride=stride)
    body = mx.sym.Activation(data=body, act_type="relu")
    body = normalised(body, channels, kernel=3)
    around = normalised(x, channels, kernel=1, stride=stride) if widens else x
    return mx.sym.Activation(data=body + around, act_type="relu")


def normalised(x, channels, kernel, stride=1):
    pair, around = (kernel, kernel), (kernel // 2, kernel // 2)
    x = mx.sym.Convolution(
        data=x, num_filter=channels, kernel=pair, stride=(stride, stride), pad=around, no_bias=True
    )
    return mx.sym.BatchNorm(data=x, fix_gamma=False, eps=NORM_EPSILON, momentum=NORM_MOMENTUM)


NETWORKS = {"mlp": mlp, "lenet": lenet, "resnet20": resnet20}


class Clock:
    """Times epochs of ``fit``, which shuffles after its own clock has stopped."""

    def __init__(self, task):
        self.metric = mx.metric.Accuracy()
        self._task = task
        self._train_accuracy = 0.0
        task.training_begins()

    def trained(self, epoch, symbol, arg_params, aux_params):
        self._task.training_ends()
        self._train_accuracy = self.metric.get_global()[1]

    def evaluated(self, param):
        self._task.epoch_done(self._train_accuracy, param.eval_metric.get()[1])
        self._task.training_begins()


def main():
    task = Task()
    logging.getLogger().setLevel(logging.DEBUG)
    mnist = task.mnist()
    train_iter = mx.io.NDArrayIter(mnist.train_images, mnist.train_labels, BATCH, shuffle=True)
    test_iter = mx.io.NDArrayIter(mnist.test_images, mnist.test_labels, BATCH)
    module = mx.mod.Module(symbol=NETWORKS[task.network](), context=mx.cpu())
    clock = Clock(task)
    module.fit(
        train_iter,
        eval_data=test_iter,
        optimizer="sgd",
        optimizer_params={"learning_rate": LEARNING_RATE},
        initializer=mx.init.Xavier(),
        eval_metric=clock.metric,
        batch_end_callback=mx.callback.Speedometer(BATCH, 100),
        epoch_end_callback=clock.trained,
        eval_end_callback=clock.evaluated,
        num_epoch=task.epochs,
    )
    task.save(module.predict(test_iter).asnumpy())


if __name__ == "__main__":
    main()
