"""The parameters of a network while it is trained, on every device, and their update.

Parameters that are updated alike are laid side by side in one array, and their gradients in
another.  An optimizer that works element by element then needs one operator call a step instead of
one an array, which on a CPU is most of its cost, and several devices exchange one array instead of
many.  The results are the same bits.

These arrays belong to the training alone: :meth:`Weights.publish` copies them to the network when
an epoch is done.  So the network always holds weights with which a good epoch ended, and oneDNN,
which rearranges weights in place when a network is only looked at, cannot disturb the training.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from .errors import UsageError, describe
from .runtime import import_mxnet

mx = import_mxnet()

# Updates in which no element looks at another, so that it does not matter where an array ends.
# Not Adamax: it divides 0 by 0 where no gradient ever was, as between two parameters.
_ELEMENTWISE = {
    mx.optimizer.AdaDelta,
    mx.optimizer.AdaGrad,
    mx.optimizer.Adam,
    mx.optimizer.FTML,
    mx.optimizer.Ftrl,
    mx.optimizer.NAG,
    mx.optimizer.RMSProp,
    mx.optimizer.SGD,
    mx.optimizer.Signum,
    mx.optimizer.ccSGD,
}

# Each array begins at a multiple of so many elements: a cache line for float32.
_ALIGNMENT = 16


class Weights:
    """What a fit changes.

    ``arrays`` and ``gradients`` hold, for each device, {name of the parameter: array}.

    Args:
        network: an initialised Gluon block.
        optimizer: an ``mx.optimizer.Optimizer``; its ``rescale_grad`` is set at each step.
        contexts: the devices; the first of them holds the weights that count.
    """

    def __init__(self, network: Any, optimizer: Any, contexts: Sequence[Any]):
        self._optimizer = optimizer
        # By name, as gluon.Trainer has them: Nadam's result depends on the order.
        self._parameters = [p for _, p in sorted(network.collect_params().items())]
        self._contexts = list(contexts)
        self.arrays: list[dict[str, Any]] = [{} for _ in contexts]
        self.gradients: list[dict[str, Any]] = [{} for _ in contexts]
        # Statistics such as BatchNorm's are not trained: the graph itself changes them.
        for parameter in self._parameters:
            if parameter.grad_req == "null":
                for arrays, context in zip(self.arrays, contexts):
                    arrays[parameter.name] = mx.nd.zeros_like(parameter.data(context))
        trained = [p for p in self._parameters if p.grad_req != "null"]
        groups = _alike(trained, optimizer)
        self._groups = [self._lay_out(members) for members in groups]
        # The optimizer finds lr_mult and wd_mult of a group in any of its parameters.
        optimizer.param_dict = {i: members[0] for i, members in enumerate(groups)}
        # One array a call: the fused update of many arrays is several times slower on a CPU.
        optimizer.aggregate_num = min(optimizer.aggregate_num, 1)
        self._update = mx.optimizer.get_updater(optimizer)
        self.fetch()  # DCASGD's state begins with the weights themselves
        for index, ((weights, _), *_) in enumerate(self._groups):
            self._begin_state(index, weights)

    def _lay_out(self, members: Sequence[Any]) -> list[tuple[Any, Any]]:
        """Give parameters their place; returns the weights and the gradients on each device."""
        if len(members) == 1:
            shape: tuple[int, ...] = members[0].shape
            begins = [0]
        else:
            sizes = [math.prod(p.shape) for p in members]
            *begins, total = accumulate((_aligned(size) for size in sizes), initial=0)
            shape = (total,)
        buffers = []
        for device, context in enumerate(self._contexts):
            weights, gradients = (mx.nd.zeros(shape, context, members[0].dtype) for _ in range(2))
            for parameter, begin in zip(members, begins):
                self.arrays[device][parameter.name] = _view(weights, begin, parameter.shape)
                self.gradients[device][parameter.name] = _view(gradients, begin, parameter.shape)
            buffers.append((weights, gradients))
        return buffers

    def _begin_state(self, index: int, weights: Any) -> None:
        """Make the state of the optimizer now: some take only parameters of a certain shape."""
        try:
            state = self._optimizer.create_state_multi_precision(index, weights)
        except Exception as error:
            name = type(self._optimizer).__name__
            raise UsageError(
                f"the optimizer {name} cannot train this network: a parameter of shape "
                f"{weights.shape} does not suit it ({describe(error)})"
            ) from error
        self._update.states[index] = state
        self._update.states_synced[index] = True

    def fetch(self) -> None:
        """Copy the network's weights and statistics to every device."""
        for parameter in self._parameters:
            for arrays, context in zip(self.arrays, self._contexts):
                parameter.data(context).copyto(arrays[parameter.name])

    def step(self, samples: int, devices: int) -> None:
        """Apply the gradients of a loss that was summed over ``samples``.

        Only the first ``devices`` had a part of the batch: the others' gradients are old.
        """
        self._optimizer.rescale_grad = 1 / samples
        for index, ((weights, gradients), *others) in enumerate(self._groups):
            for _, gradient in others[: devices - 1]:
                gradients += gradient.as_in_context(gradients.context)
            self._update(index, gradients, weights)
            for copy, _ in others:
                weights.copyto(copy)

    def all_finite(self) -> bool:
        """Whether no weight is infinite or not a number; waits for the device."""
        return all(
            mx.nd.contrib.isfinite(group[0][0]).min().asscalar() == 1 for group in self._groups
        )

    def publish(self) -> None:
        """Copy the weights and statistics of the first device to the network."""
        for parameter in self._parameters:
            for data in parameter.list_data():
                self.arrays[0][parameter.name].copyto(data)


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def _view(buffer: Any, begin: int, shape: tuple[int, ...]) -> Any:
    """A piece of a flat buffer as an array; a buffer of that very shape is its own view."""
    if buffer.shape == shape:
        return buffer
    return buffer[begin : begin + math.prod(shape)].reshape(shape)


def _alike(parameters: Sequence[Any], optimizer: Any) -> list[list[Any]]:
    """Parameters in groups that one call of the optimizer may update together."""
    if type(optimizer) not in _ELEMENTWISE:
        return [[parameter] for parameter in parameters]
    groups: dict[Any, list[Any]] = {}
    for p in parameters:
        groups.setdefault((str(p.dtype), p.lr_mult, p.wd_mult), []).append(p)
    return list(groups.values())
