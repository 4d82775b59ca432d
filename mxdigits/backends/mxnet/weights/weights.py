"""The parameters of a network in training, on every device, and their update.

Parameters with the same kind of update lie side by side in one array, and their gradients in
another. An element-wise optimizer then needs one operator call per step instead of one per array,
which is most of its cost on a CPU, and several devices exchange one array instead of many. The
results have the same bits.

Only the training uses these arrays: :meth:`Weights.publish` copies them to the network when an
epoch is done. So the network always holds the weights at the end of a good epoch, and oneDNN, which
rearranges weights in place when a network predicts, cannot disturb the training.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Optional

from ....arrays import Arrays, Numbers, Shape
from ....errors import UsageError
from ....foreign import describe
from ....values import Unchecked
from ...base import State
from ...network import Learning, ParameterSettings, natural_key
from ...team.agreement import Alone, Team
from ...weights import arrays_below, check_same_network
from .. import slots
from ..runtime import import_mxnet
from ..team.gradient_sum import GradientSum
from ..team.team import ParameterServer
from ..types import Device, MXArray, Network, Optimizer, Parameter
from . import optimizer_state
from .averages import Averages
from .groups import alike, last_half
from .sgd import update_of

mx = import_mxnet()

_AS_THEY_ARE = Learning()
_ALONE = Alone()


class Weights:
    """Everything that a fit changes.

    ``arrays`` and ``gradients`` hold, for each device, {name of the parameter: array};
    ``is_stochastic`` says whether the update draws random numbers.

    Args:
        network: an initialised Gluon block.
        optimizer: an ``mx.optimizer.Optimizer``; its ``rescale_grad`` is set at each step.
        contexts: the devices; the first of them holds the weights that are kept.
        clip_global_norm: the largest L2 norm of a batch's mean gradient; None for no bound.
        ema: the decay of a moving average of the weights and statistics; None for none.
        learning: which parameters are frozen, and at which rates the others learn.
        team: the workers whose gradients are added up.

    Example:
        >>> dense = mx.gluon.nn.Dense(10, in_units=784)
        >>> dense.initialize()
        >>> weights = Weights(dense, mx.optimizer.SGD(learning_rate=0.1), [mx.cpu()])
        >>> sorted(weights.snapshot())
        ['bias', 'weight']
    """

    def __init__(
        self,
        network: Network,
        optimizer: Optimizer,
        contexts: Sequence[Device],
        clip_global_norm: Optional[float] = None,
        ema: Optional[float] = None,
        learning: Learning = _AS_THEY_ARE,
        team: Team = _ALONE,
    ):
        self._optimizer = optimizer
        self._clip_global_norm = clip_global_norm
        self.is_stochastic = isinstance(optimizer, mx.optimizer.SGLD)
        # By name, as in gluon.Trainer: Nadam depends on the order. Numbers count as numbers: dense9
        # comes before dense10, as dense0 comes before dense1 in another process.
        parameters = list(network.collect_params().values())
        self._parameters = sorted(parameters, key=lambda p: natural_key(p.name))
        # Names by place in the network, because Gluon's own names count the blocks of a process.
        places = {p.name: place for place, p in network._collect_params_with_prefix().items()}
        self._places = {p.name: places.get(p.name, p.name) for p in self._parameters}
        self._contexts = list(contexts)
        self.arrays: list[dict[str, MXArray]] = [{} for _ in contexts]
        self.gradients: list[dict[str, MXArray]] = [{} for _ in contexts]
        settings = {
            p.name: ParameterSettings(
                self._places[p.name], p.grad_req != "null", p.lr_mult, p.wd_mult
            ).adjusted(learning)
            for p in self._parameters
        }
        # Statistics such as BatchNorm's are not trained: the graph itself updates them.
        for parameter in self._parameters:
            if not settings[parameter.name].trained:
                for arrays, context in zip(self.arrays, contexts):
                    arrays[parameter.name] = mx.nd.zeros_like(parameter.data(context))
        trained = [p for p in self._parameters if settings[p.name].trained]
        in_order = [p for p in parameters if settings[p.name].trained]
        early = last_half(in_order) if team.count > 1 else []
        groups = alike(trained, optimizer, settings, early)
        self._groups = [self._lay_out(members) for members in groups]
        self._layout = [[self._places[p.name] for p in members] for members in groups]
        # The optimizer finds lr_mult and wd_mult of a group in any of its parameters.
        optimizer.param_dict = {i: settings[members[0].name] for i, members in enumerate(groups)}
        # One array per call: the fused update of many arrays is several times slower on a CPU.
        optimizer.aggregate_num = min(optimizer.aggregate_num, 1)
        self._update = mx.optimizer.get_updater(optimizer)
        self.fetch()  # DCASGD's state begins as a copy of the weights
        for index, ((weights, _), *_) in enumerate(self._groups):
            self._begin_state(index, weights)
        self._updates = [
            update_of(self._update, index, gradients, weights)
            for index, ((weights, gradients), *_) in enumerate(self._groups)
        ]
        self._fresh = optimizer_state.remembered(optimizer)
        statistics = [p.name for p in self._parameters if p.grad_req == "null"]
        followed = {self._places[name]: array for name, array in self.arrays[0].items()}
        self._averages = ema and Averages(followed, tuple(statistics), ema)
        self._sum: Optional[GradientSum] = None
        if isinstance(team, ParameterServer):
            self._sum = GradientSum(team, [group[0][1] for group in self._groups])

    def names_of(self, places: Collection[str]) -> set[str]:
        """The names of arrays, by their places in the network."""
        return {name for name, place in self._places.items() if place in places}

    def by_place(self, arrays: Arrays) -> dict[str, Numbers]:
        """Arrays by their place in the network."""
        return {self._places[name]: array for name, array in arrays.items()}

    def on_device(self, snapshot: Arrays, device: Device) -> dict[str, MXArray]:
        """The arrays of a snapshot on a device, by name."""
        return {name: mx.nd.array(snapshot[p], device) for name, p in self._places.items()}

    def _lay_out(self, members: Sequence[Parameter]) -> list[tuple[MXArray, MXArray]]:
        """Allocate parameters side by side; gives the weights and the gradients on each device."""
        if len(members) == 1:
            shape: Shape = members[0].shape
            begins = [0]
        else:
            begins, total = slots.begins([math.prod(p.shape) for p in members])
            shape = (total,)
        buffers = []
        for device, context in enumerate(self._contexts):
            weights, gradients = (mx.nd.zeros(shape, context, members[0].dtype) for _ in range(2))
            for parameter, begin in zip(members, begins):
                self.arrays[device][parameter.name] = _view(weights, begin, parameter.shape)
                self.gradients[device][parameter.name] = _view(gradients, begin, parameter.shape)
            buffers.append((weights, gradients))
        return buffers

    def _begin_state(self, index: int, weights: MXArray) -> None:
        """Create the optimizer's state now, because some optimizers take only certain shapes."""
        try:
            state = self._optimizer.create_state_multi_precision(index, weights)
        except Exception as error:  # an optimizer may be the user's own
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

    @contextmanager
    def own_learning_rate(self) -> Iterator[None]:
        """Restore the optimizer's own learning rate after the ``with`` block."""
        own = self._optimizer.learning_rate
        try:
            yield
        finally:
            self._optimizer.set_learning_rate(own)

    def step(self, samples: int, devices: int, learning_rate: float) -> None:
        """Apply the gradients of a loss that was summed over ``samples`` samples.

        Only the first ``devices`` devices had a part of the batch; the others' gradients are old.
        In a team, ``devices`` may be 0.
        """
        self._optimizer.set_learning_rate(learning_rate)
        self._optimizer.rescale_grad = 1 / samples
        for (_, gradients), *others in self._groups:
            for _, gradient in others[: max(devices - 1, 0)]:
                gradients += gradient.as_in_context(gradients.context)
            if not devices:
                gradients[:] = 0
        if self._sum:
            self._sum.run()
        if self._clip_global_norm is not None:
            self._clip(self._clip_global_norm * samples)
        for update, ((weights, _), *others) in zip(self._updates, self._groups):
            update()
            for copy, _ in others:
                weights.copyto(copy)
        if self._averages:
            self._averages.move()

    def _clip(self, longest: float) -> None:
        """Scale all gradients down so that their common L2 norm is at most ``longest``."""
        gradients = [group[0][1] for group in self._groups]
        squares = mx.nd.multi_sum_sq(*gradients, num_arrays=len(gradients))
        norm = squares.sum().sqrt()
        # As in gluon.utils.clip_global_norm, but the norm stays on the device.
        scale = mx.nd.minimum(longest / (norm + 1e-8), 1)
        for gradient in gradients:
            shape = (1,) * gradient.ndim
            mx.nd.broadcast_mul(gradient, scale.reshape(shape), out=gradient)

    def snapshot(self) -> dict[str, Numbers]:
        """A copy of the weights and statistics, as NumPy arrays by place in the network."""
        _settle()
        return {self._places[k]: v.asnumpy() for k, v in self.arrays[0].items()}

    def averaged(self) -> dict[str, Numbers]:
        """A copy of the moving averages of the weights and statistics, by their place."""
        if not self._averages:
            raise ValueError("no moving average was asked for")
        return self._averages.arrays()

    def state(self) -> State:
        """Weights, statistics and the optimizer's state: NumPy arrays by name, and the rest.

        Raises:
            CheckpointError: if the optimizer cannot be saved.
        """
        arrays, facts = optimizer_state.pack(self._update, self._fresh)
        arrays.update({f"weight.{place}": array for place, array in self.snapshot().items()})
        if self._averages:
            means = self._averages.state()
            arrays.update({f"average.{place}": array for place, array in means.items()})
        return arrays, {**facts, "layout": self._layout}

    def restore(self, arrays: Arrays, facts: Mapping[str, object]) -> None:
        """Return to a state that :meth:`state` gave, on these devices, and publish it.

        Raises:
            CheckpointError: if the state is of another network or optimizer.
        """
        kept, snapshot = arrays, arrays_below("weight", arrays)
        self.check_snapshot(snapshot)
        if facts.get("backend", "mxnet") != "mxnet" or facts.get("layout") != self._layout:
            arrays, facts = self._in_own_form(arrays, facts)
        _settle()
        optimizer_state.unpack(self._update, arrays, facts, self._contexts[0], self._fresh)
        for copies in self.arrays:
            for name, array in copies.items():
                array[:] = snapshot[self._places[name]]
        if self._averages:
            self._averages.restore(arrays_below("average", kept))
        self.publish()

    def _in_own_form(self, arrays: Arrays, facts: Mapping[str, Unchecked]) -> State:
        """A state of the optimizer in MXNet's form, from another backend or number of workers."""
        fresh_arrays, fresh = optimizer_state.pack(self._update, self._fresh)
        shapes = {self._places[p.name]: p.shape for p in self._parameters}
        name = fresh["class"].lower()
        if facts.get("backend", "mxnet") == "mxnet":
            slots.check_same_places(facts.get("layout"), self._layout)
            kept = slots.slots_of(name, arrays, facts, shapes)
        else:
            slots.check_same(facts.get("optimizer"), name)
            kept = dict(arrays_below("optimizer", arrays))
        fresh["layout"] = self._layout
        return slots.state_of(kept, fresh_arrays, fresh, shapes)

    def check_snapshot(self, snapshot: Arrays) -> None:
        """Refuse a snapshot of another network.

        Raises:
            CheckpointError: naming the first array that differs.
        """
        own = {self._places[name]: (a.shape, a.dtype) for name, a in self.arrays[0].items()}
        check_same_network(snapshot, own)

    def all_finite(self) -> bool:
        """Whether no weight is infinite or not a number; waits for the device."""
        return all(
            mx.nd.contrib.isfinite(group[0][0]).min().asscalar() == 1 for group in self._groups
        )

    def publish(self, snapshot: Optional[Arrays] = None) -> None:
        """Copy the weights and statistics of the first device, or a snapshot, to the network."""
        _settle()
        for parameter in self._parameters:
            for data in parameter.list_data():
                if snapshot is None:
                    self.arrays[0][parameter.name].copyto(data)
                else:
                    # Not by data[:] =, which fails if oneDNN has rearranged the weights.
                    kept = snapshot[self._places[parameter.name]]
                    mx.nd.array(kept, data.context, data.dtype).copyto(data)


def _settle() -> None:
    """Wait until every step is done.

    For statistics, waiting for an array is not enough: MXNet's engine does not know that a backward
    pass writes them, and would give their values of a batch earlier.
    """
    mx.nd.waitall()


def _view(buffer: MXArray, begin: int, shape: Shape) -> MXArray:
    """A piece of a flat buffer as an array; a buffer that already has the shape is returned."""
    if buffer.shape == shape:
        return buffer
    return buffer[begin : begin + math.prod(shape)].reshape(shape)
