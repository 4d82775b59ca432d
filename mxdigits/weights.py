"""The trainable parameters of a network on every device, and their update.

Parameters that are updated alike are laid side by side in one array, their gradients in another,
and each Gluon Parameter becomes a view of its piece.  An optimizer that works element by element
then needs one operator call a step instead of one an array, which on a CPU is most of its cost,
and several devices exchange one array instead of many.  The results are the same bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .runtime import import_mxnet

mx = import_mxnet()

# Updates in which no element looks at another, so that it does not matter where an array ends.
_ELEMENTWISE = {
    "AdaDelta",
    "AdaGrad",
    "Adam",
    "Adamax",
    "FTML",
    "Ftrl",
    "NAG",
    "RMSProp",
    "SGD",
    "Signum",
    "ccSGD",
}


class Weights:
    """What a fit changes.

    Args:
        network: a Gluon block, initialised on every one of ``contexts``.
        optimizer: an ``mx.optimizer.Optimizer``; its ``rescale_grad`` is set at each step.
        contexts: the devices; the first of them holds the weights that count.
    """

    def __init__(self, network: Any, optimizer: Any, contexts: Sequence[Any]):
        self.optimizer = optimizer
        self._contexts = list(contexts)
        parameters = [p for p in network.collect_params().values() if p.grad_req != "null"]
        self._groups = [
            _Group(members, self._contexts) for members in _alike(parameters, optimizer)
        ]
        # The optimizer finds lr_mult and wd_mult of a group in any of its parameters.
        optimizer.param_dict = {i: group.parameters[0] for i, group in enumerate(self._groups)}
        # One array a call: the fused update of many arrays is several times slower on a CPU.
        optimizer.aggregate_num = min(optimizer.aggregate_num, 1)
        self._update = mx.optimizer.get_updater(optimizer)
        # Statistics such as BatchNorm's are not trained, and belong to a snapshot all the same.
        self._statistics = [p for p in network.collect_params().values() if p.grad_req == "null"]

    def step(self, samples: int) -> None:
        """Apply the gradients of a loss that was summed over ``samples``."""
        self.optimizer.rescale_grad = 1 / samples
        for index, group in enumerate(self._groups):
            group.gather()
            self._update(index, group.gradients[0], group.weights[0])
            group.spread()

    def snapshot(self) -> list[Any]:
        """A copy of everything that :meth:`restore` puts back."""
        kept = [group.weights[0].copy() for group in self._groups]
        return kept + [p.data(c).copy() for p in self._statistics for c in self._contexts]

    def restore(self, snapshot: Sequence[Any]) -> None:
        """Put the weights and statistics of a snapshot back on every device."""
        kept = iter(snapshot)
        for group in self._groups:
            next(kept).copyto(group.weights[0])
            group.spread()
        for parameter in self._statistics:
            for context in self._contexts:
                next(kept).copyto(parameter.data(context))

    def all_finite(self) -> bool:
        """Whether no weight is infinite or not a number; waits for the device."""
        return all(
            mx.nd.contrib.isfinite(group.weights[0]).min().asscalar() == 1 for group in self._groups
        )


class _Group:
    """Parameters side by side in one array a device, and their gradients in another."""

    def __init__(self, parameters: Sequence[Any], contexts: Sequence[Any]):
        self.parameters = parameters
        sizes = [p.data(contexts[0]).size for p in parameters]
        dtype = parameters[0].dtype
        self.weights = [mx.nd.empty(sum(sizes), c, dtype) for c in contexts]
        self.gradients = [mx.nd.zeros(sum(sizes), c, dtype) for c in contexts]
        begin = 0
        for parameter, size in zip(parameters, sizes):
            self._adopt(parameter, begin, begin + size, contexts)
            begin += size

    def _adopt(self, parameter: Any, begin: int, end: int, contexts: Sequence[Any]) -> None:
        data, gradients = [], []
        for weights, gradient in zip(self.weights, self.gradients):
            view = weights[begin:end].reshape(parameter.shape)
            parameter.data(contexts[0]).copyto(view)
            data.append(view)
            gradients.append(gradient[begin:end].reshape(parameter.shape))
        # Gluon has no public way to give a Parameter its storage.
        parameter._data, parameter._grad = data, gradients
        mx.autograd.mark_variables(data, gradients, parameter.grad_req)

    def gather(self) -> None:
        """Add the gradients of all devices on the first."""
        first = self.gradients[0]
        for other in self.gradients[1:]:
            first += other.as_in_context(first.context)

    def spread(self) -> None:
        """Copy the weights of the first device to the others."""
        for other in self.weights[1:]:
            self.weights[0].copyto(other)


def _alike(parameters: Sequence[Any], optimizer: Any) -> list[list[Any]]:
    """Parameters in groups that one call of the optimizer may update together."""
    if type(optimizer).__name__ not in _ELEMENTWISE or type(optimizer).__module__ != (
        "mxnet.optimizer.optimizer"
    ):
        return [[p] for p in parameters]
    groups: dict[Any, list[Any]] = {}
    for p in parameters:
        # Accumulated gradients are the caller's own affair: such a parameter stays alone.
        key = (str(p.dtype), p.lr_mult, p.wd_mult, p.grad_req)
        groups.setdefault(key, []).append(p)
    return list(groups.values())
