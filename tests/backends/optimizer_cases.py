"""The cases that every backend's optimizers are tested with, and what MXNet makes of them."""

from __future__ import annotations

import numpy as np

from mxdigits.backends.mxnet.runtime import import_mxnet

mx = import_mxnet()

SHAPES = {"a_weight": (4, 6), "a_bias": (4,), "b_weight": (3, 2, 2, 2)}
STEPS = 50

CASES = [
    ("sgd", {}),
    ("sgd", {"wd": 0.01}),
    ("sgd", {"momentum": 0.9}),
    ("sgd", {"momentum": 0.9, "wd": 0.01, "clip_gradient": 0.5}),
    ("sgd", {"clip_gradient": 0.3, "wd": 0.01}),
    ("ccsgd", {"momentum": 0.5}),
    ("nag", {}),
    ("nag", {"momentum": 0.9, "wd": 0.01}),
    ("nag", {"momentum": 0.9, "clip_gradient": 0.5}),
    ("adam", {}),
    ("adam", {"wd": 0.01, "clip_gradient": 0.5, "beta1": 0.8, "epsilon": 1e-6}),
    ("adamax", {}),
    ("adamax", {"wd": 0.01, "clip_gradient": 0.5}),
    ("nadam", {}),
    ("nadam", {"wd": 0.01, "clip_gradient": 0.5, "schedule_decay": 0.1}),
    ("rmsprop", {}),
    ("rmsprop", {"wd": 0.01, "clip_gradient": 0.5, "clip_weights": 0.8}),
    ("rmsprop", {"centered": True}),
    ("rmsprop", {"centered": True, "gamma2": 0.5, "wd": 0.01, "clip_weights": 0.8}),
    ("adagrad", {}),
    ("adagrad", {"wd": 0.01, "clip_gradient": 0.5}),
    ("adadelta", {}),
    ("adadelta", {"wd": 0.001, "clip_gradient": 0.5, "rho": 0.8}),
    ("ftrl", {}),
    ("ftrl", {"wd": 0.01, "clip_gradient": 0.5, "lamda1": 0.3, "beta": 2}),
    ("ftml", {}),
    ("ftml", {"wd": 0.01, "clip_gradient": 0.5}),
    ("signum", {}),
    ("signum", {"wd": 0.01, "clip_gradient": 0.5, "wd_lh": 0.1}),
    ("signum", {"momentum": 0.0, "wd": 0.01}),
    ("lamb", {}),
    ("lamb", {"wd": 0.01, "clip_gradient": 0.5, "bias_correction": False}),
    ("lamb", {"lower_bound": 0.5, "upper_bound": 2.0}),
    ("lars", {"eta": 0.1}),
    ("lars", {"momentum": 0.9, "wd": 0.01, "eta": 0.1}),
    ("lars", {"momentum": 0.9, "eta": 0.1, "eps": 1e-3, "momentum_correction": False}),
    ("dcasgd", {}),
    ("dcasgd", {"wd": 0.01, "clip_gradient": 0.5, "lamda": 0.5}),
]


def weights() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    return {k: random.standard_normal(shape).astype(np.float32) for k, shape in SHAPES.items()}


def gradients(step: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(100 + step)
    return {k: 20 * random.standard_normal(shape).astype(np.float32) for k, shape in SHAPES.items()}


def rate(step: int, first: float) -> float:
    return first * (0.5 if step >= 30 else 1.0)


def by_mxnet(name: str, options: dict, lr_mult: dict, wd_mult: dict) -> dict[str, np.ndarray]:
    optimizer = mx.optimizer.create(name, rescale_grad=0.05, **options)
    first = optimizer.lr
    for i, key in enumerate(SHAPES):
        parameter = mx.gluon.Parameter(key, shape=SHAPES[key])
        parameter.lr_mult, parameter.wd_mult = lr_mult.get(key, 1.0), wd_mult.get(key, 1.0)
        optimizer.param_dict[i] = parameter
    # As mxdigits trains: an array at a time.
    optimizer.aggregate_num = min(optimizer.aggregate_num, 1)
    updater = mx.optimizer.get_updater(optimizer)
    arrays = [mx.nd.array(each) for each in weights().values()]
    for step in range(STEPS):
        optimizer.set_learning_rate(rate(step, first))
        for i, gradient in enumerate(gradients(step).values()):
            updater(i, mx.nd.array(gradient), arrays[i])
    return {key: array.asnumpy() for key, array in zip(SHAPES, arrays)}
