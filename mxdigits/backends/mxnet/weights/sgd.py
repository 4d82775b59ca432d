"""Stochastic gradient descent with the operators that are fastest for one large array.

MXNet's own ``SGD.update`` always uses the operator for many arrays, ``multi_sgd_update``, which
takes twice the time of the one for a single array on a CPU. Neither uses vector instructions there,
but a matrix product does; so without momentum, the update is a matrix product.
"""

from __future__ import annotations

import functools
from typing import Callable

import numpy as np

from ..runtime import engine_threads, import_mxnet
from ..types import MXArray, Updater

mx = import_mxnet()


def update_of(
    updater: Updater, index: int, gradient: MXArray, weight: MXArray
) -> Callable[[], None]:
    """The fastest equivalent of ``updater(index, gradient, weight)``.

    Args:
        updater: an ``mx.optimizer.Updater`` that holds the state of ``index``.
        index: the array's index in the updater.
        gradient: the array to read at each call of the result.
        weight: the array to change.

    Example:
        >>> updater = mx.optimizer.get_updater(mx.optimizer.SGD(learning_rate=0.5))
        >>> weight, gradient = mx.nd.ones(3), mx.nd.ones(3)
        >>> updater(0, gradient, weight)
        >>> update_of(updater, 0, gradient, weight)()
        >>> weight.asnumpy().tolist()
        [0.0, 0.0, 0.0]
    """
    optimizer = updater.optimizer
    if type(optimizer) not in (mx.optimizer.SGD, mx.optimizer.ccSGD) or weight.dtype != np.float32:
        return functools.partial(updater, index, gradient, weight)
    clipped = {"clip_gradient": optimizer.clip_gradient} if optimizer.clip_gradient else {}

    def begin() -> tuple[float, float]:
        optimizer._set_current_context(weight.context.device_id)
        optimizer._update_count(index)
        return optimizer._get_lr(index), optimizer._get_wd(index)

    def separately() -> None:
        lr, wd = begin()
        common = {"lr": lr, "wd": wd, "rescale_grad": optimizer.rescale_grad, **clipped}
        # Looked up at each call, because restoring a state replaces the array.
        momentum = updater.states[index]
        if momentum is None:
            mx.nd.sgd_update(weight, gradient, out=weight, **common)
        else:
            common["momentum"] = optimizer.momentum
            mx.nd.sgd_mom_update(weight, gradient, momentum, out=weight, **common)

    def by_product() -> None:
        lr, wd = begin()
        alpha, beta = -lr * optimizer.rescale_grad, 1 - lr * wd
        mx.nd.linalg.gemm(one, gradients, weights, alpha=alpha, beta=beta, out=weights)

    if optimizer.momentum or clipped or weight.context.device_type != "cpu" or engine_threads() > 1:
        # With several threads, each has just changed the part that it needs next.
        return separately
    one = mx.nd.ones((1, 1), weight.context)
    gradients, weights = (array.reshape((1, -1)) for array in (gradient, weight))
    return by_product
