"""The loop over the batches of an epoch, around which everything else is built."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from typing import Callable

import numpy as np

from ....arrays import Arrays, Images, Labels
from ....errors import Diverged
from ....graph.frozen import measuring, with_fixed_statistics
from ...base import EpochPosition, Progress, Rates
from ...batches import all_pieces, batches, orders
from ...graphs.statistics import StatisticsMean
from ...settings import TrainingSettings, check_mixing
from ...team.agreement import Alone, Team, agreed, total
from ..runtime import import_mxnet
from ..team.team import ParameterServer
from ..types import Device, MXArray, Network
from ..weights.weights import Weights
from .device_worker import KEPT_BATCHES, DeviceWorker, Piece
from .meter import Meter
from .objective import constants
from .recurrent_dropout import with_dropout_between
from .rewriting import optimize_for_cpu
from .step import backward_in_pieces, is_stochastic, training_graph
from .whole_batch import division

mx = import_mxnet()

_ALONE = Alone()

# Batches between two seedings of a network that draws random numbers. MXNet cannot tell the state
# of its generators, so a fit that continues within an epoch repeats the draws since the last
# seeding.
SEED_EVERY = 100


class TrainPass:
    """A training set on the devices, and what all training steps share.

    It is MXNet's :class:`~mxdigits.backends.base.FitInProgress`.

    Args:
        network: as for the Trainer.
        weights: the network's parameters.
        settings: how the network learns.
        devices: the devices; each holds all images, and works on its part of every batch.
        images: uint8 (N, C, H, W).
        labels: (N,).
        batch_size: images per step.
        classes: the number of classes.
        team: the workers that share each batch.

    Raises:
        UsageError: if several workers are to mix images.

    Example:
        >>> fit = TrainPass(network, weights, settings, [mx.cpu()], **data)  # doctest: +SKIP
        >>> fit.run(0, 0.1, EpochPosition(), print, lambda batch: False)  # doctest: +SKIP
    """

    def __init__(
        self,
        network: Network,
        weights: Weights,
        settings: TrainingSettings,
        devices: Sequence[Device],
        *,
        images: Images,
        labels: Labels,
        batch_size: int,
        classes: int,
        team: Team = _ALONE,
    ):
        check_mixing(settings, team)
        self._weights = weights
        self._team = team
        self._seed = settings.seed
        self._batch_size, self._parts, self._device = batch_size, settings.accumulate, devices[0]
        self._worker = partial(
            DeviceWorker,
            images=images,
            labels=labels,
            classes=classes,
            label_smoothing=settings.label_smoothing,
        )
        self._shard = settings.shard and team.count > 1
        self._order = orders(labels, settings.seed, settings.sampler)
        self._epoch = self._batch = 0
        samples = total(team, len(images)) if self._shard else len(images)
        bounds = list(batches(samples, batch_size))
        self._ends = [end for _, end in bounds]
        graph = training_graph(network, classes, settings)
        graph = with_fixed_statistics(graph, weights.names_of(settings.learning.frozen))
        graph = with_dropout_between(graph)
        self._constants = constants(settings)
        self._is_stochastic = weights.is_stochastic or is_stochastic(graph)
        shapes = {p.name: p.shape for p in network.collect_params().values()}
        if devices[0].device_type == "cpu":
            shapes.update({name: array.shape for name, array in self._constants.items()})
            graph = optimize_for_cpu(graph, shapes)
        self._graph = graph
        divided = division(graph, team, shapes, len(devices), self._parts)
        works = [[divided(place, *each) for each in bounds] for place in range(len(devices))]
        # Over a network, the first gradients are sent while the last are computed.
        travel = isinstance(team, ParameterServer) and not team.shares_memory
        with backward_in_pieces() if travel else nullcontext():
            self._workers = [
                self._worker(
                    device,
                    # With a batch smaller than the number of devices, the last devices have no
                    # part.
                    [pieces for pieces in works[place] if pieces],
                    arrays={**weights.arrays[place], **self._given(device)},
                    gradients=weights.gradients[place],
                    adds=self._parts > 1,
                )
                for place, device in enumerate(devices)
                if works[place][0]
            ]

    def _given(self, device: Device) -> dict[str, MXArray]:
        """The loss's further arrays, on a device."""
        return {name: mx.nd.array(array, device) for name, array in self._constants.items()}

    @property
    def batches(self) -> int:
        """Batches per epoch."""
        return len(self._ends)

    def run(
        self,
        epoch: int,
        learning_rate: Rates,
        position: EpochPosition,
        on_progress: Callable[[Progress], None],
        after_batch: Callable[[int], bool],
    ) -> Progress:
        """Train one epoch, or the rest of one.

        Python only queues work. It reads losses one stride later, when the device has long computed
        them, so the queue never becomes empty and never grows beyond two strides.

        Raises:
            Diverged: if a loss is not finite, or a weight at the end.
        """
        self._meter = Meter(
            epoch,
            self._workers,
            on_progress,
            position,
            self._samples_in(position.batch),
            self._team,
        )
        self._rates = np.broadcast_to(learning_rate, self.batches).tolist()
        with self._weights.own_learning_rate():
            self._begin(epoch, position.batch)
            self._train_on(position.batch, after_batch)
        progress = self._meter.finish(self._batch, self._samples_in(self._batch))
        if any(agreed(self._team, not self._weights.all_finite())):
            raise Diverged("a weight became infinite or nan", epoch, self._batch - 1)
        return progress

    def position(self) -> EpochPosition:
        """The position in the current epoch; waits for the device."""
        progress = self._meter.settle(self._batch, self._samples_in(self._batch))
        seconds = self._meter.seconds()
        return EpochPosition(self._batch, progress.loss_sum, progress.correct, seconds)

    @property
    def losses(self) -> list[float]:
        """The summed loss of each batch that :meth:`run` has trained and read."""
        return self._meter.losses

    def statistics(self, epoch: int, snapshot: Arrays) -> Arrays:
        """The statistics that the network would have if its weights had always been those given."""
        graph, names = measuring(self._graph)
        bounds = all_pieces(self._ends[-1], self._batch_size, self._parts)
        arrays = self._weights.on_device(snapshot, self._device)
        worker = self._worker(
            self._device,
            [[Piece(begin, end, graph)] for begin, end in bounds],
            arrays={**arrays, **self._given(self._device)},
            # All gradients, because MXNet updates statistics in the backward pass.
            gradients={n: arrays[n].copy() for n in graph.parameters if n in arrays},
        )
        worker.shuffle(self._order(epoch))
        self._epoch, self._batch = epoch, 0
        self._seed_devices()
        mean = StatisticsMean()
        for place, (begin, end) in enumerate(bounds):
            worker.run(place)
            mx.nd.waitall()
            mean.add(end - begin, {name: arrays[name].asnumpy() for name in names})
        return self._weights.by_place(mean.arrays())

    def _samples_in(self, batches: int) -> int:
        """The number of images in the first batches of an epoch."""
        return self._ends[batches - 1] if batches else 0

    def _begin(self, epoch: int, batch: int) -> None:
        """Set the order of an epoch, and the random numbers from one of its batches on."""
        self._epoch, self._batch = epoch, batch
        order = self._order(epoch)
        for worker in self._workers:
            worker.shuffle(order, own=self._shard)
        if batch and self._is_stochastic:
            self._draw_again()
        else:
            self._seed_devices()

    def _train_on(self, begin: int, after_batch: Callable[[int], bool]) -> None:
        """Queue the batches after ``begin``, until the epoch or ``after_batch`` ends."""
        due = begin + 1
        for batch in range(begin + 1, self.batches + 1):
            self._train(batch)
            # Also at every multiple, so that every log has the same lines.
            marked = batch >= due or batch % KEPT_BATCHES == 0
            if marked:
                self._meter.mark(batch, self._samples_in(batch))
                due = batch + self._meter.stride
            # Several workers ask each other how to go on, only at marks, where all wait in any
            # case.
            if (marked or self._team.count == 1) and after_batch(batch):
                break

    def _train(self, batch: int) -> None:
        """Queue one batch, counted from 1."""
        at_work = sum(worker.run(batch - 1) for worker in self._workers)
        samples = self._samples_in(batch) - self._samples_in(batch - 1)
        self._weights.step(samples, at_work, self._rates[batch - 1])
        self._batch = batch
        if self._is_stochastic and batch % SEED_EVERY == 0:
            self._seed_devices()

    def _draw_again(self) -> None:
        """Bring the random generators to their state before the current batch."""
        reached, state = self._batch, self._weights.state()
        self._batch = reached // SEED_EVERY * SEED_EVERY
        self._seed_devices()
        for batch in range(self._batch + 1, reached + 1):
            self._train(batch)
        self._weights.restore(*state)

    def _seed_devices(self) -> None:
        # All random numbers of the network, such as dropout's, also depend on (seed, epoch, batch).
        key = [self._seed, self._epoch, 2, self._batch]
        mx.random.seed(int(np.random.SeedSequence(key).generate_state(1)[0] >> 1))
