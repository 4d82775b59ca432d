"""One pass over the training set: the loop that everything else is built around."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Callable

import numpy as np

from ...data.batches import batches, epoch_order, shares
from ...data.dataset import Split
from ...errors import Diverged
from ...train.callbacks import Progress
from ...train.state import Begun
from .device_worker import KEPT_BATCHES, Share
from .meter import Meter
from .rewriting import optimize_for_cpu
from .runtime import import_mxnet
from .step import is_stochastic, training_graph
from .weights import Weights

mx = import_mxnet()

# Batches between two seedings of a network that draws random numbers. MXNet cannot say where its
# generators stand, so whoever goes on within an epoch draws again what came since the last one.
SEED_EVERY = 100


_NOT_BEGUN = Begun()


class TrainPass:
    """A training set on the devices, and everything of a step that can be made once.

    Args:
        network: as for the Trainer.
        weights: its parameters.
        train: the training set.
        contexts: the devices; each holds all images and works on its part of every batch.
        batch_size: images a step.
        label_smoothing: see :func:`training_graph`.
        augmentation: see :func:`training_graph`.
        seed: of the order of the images and of everything random in the graph.
    """

    def __init__(
        self,
        network: Any,
        weights: Weights,
        train: Split,
        *,
        contexts: Sequence[Any],
        batch_size: int,
        label_smoothing: float,
        augmentation: Any,
        seed: int,
    ):
        self._weights = weights
        self._seed = seed
        self._samples = len(train)
        self._epoch = self._batch = 0
        bounds = list(batches(len(train), batch_size))
        self._ends = [end for _, end in bounds]
        classes = _classes(network, train)
        graph = training_graph(network, classes, label_smoothing, augmentation)
        self._draws = weights.draws or is_stochastic(graph)
        if contexts[0].device_type == "cpu":
            shapes = {p.name: p.shape for p in network.collect_params().values()}
            graph = optimize_for_cpu(graph, shapes)
        parts = [shares(begin, end, len(contexts)) for begin, end in bounds]
        self._shares = [
            Share(
                graph,
                context,
                # A batch smaller than the number of devices leaves the last of them without a part.
                [part[place] for part in parts if place < len(part)],
                arrays=weights.arrays[place],
                gradients=weights.gradients[place],
                train=train,
                classes=classes,
                label_smoothing=label_smoothing,
            )
            for place, context in enumerate(contexts[: len(parts[0])])
        ]

    @property
    def batches(self) -> int:
        """Batches an epoch."""
        return len(self._ends)

    def run(
        self,
        epoch: int,
        tell: Callable[[Progress], None],
        ended: Callable[[int], bool],
        begun: Begun = _NOT_BEGUN,
    ) -> Progress:
        """Train one epoch, or what is left of it.

        Python only queues work. It reads losses one stride late, when the device has long passed
        them, so the queue never runs dry and never grows beyond two strides.

        Args:
            epoch: counted from 0; it decides the order of the images.
            tell: called with the progress a few times a second.
            ended: called with the number of batches done after each; true ends the pass there.
            begun: how far the epoch has come already.

        Raises:
            Diverged: if a loss or, at the end, a weight is not finite.
        """
        self._epoch, self._batch = epoch, begun.batch
        samples = self._ends[begun.batch - 1] if begun.batch else 0
        self._meter = meter = Meter(epoch, self._shares, tell, begun, samples)
        order = epoch_order(self._samples, self._seed, epoch)
        for share in self._shares:
            share.shuffle(order)
        if begun.batch and self._draws:
            self._draw_again()
        else:
            self._seed_devices()
        due = begun.batch + 1
        for batch in range(begun.batch + 1, self.batches + 1):
            self._train(batch)
            # At every multiple also because then every log has the same lines.
            if batch >= due or batch % KEPT_BATCHES == 0:
                meter.mark(batch, self._ends[batch - 1])
                due = batch + meter.stride
            if ended(batch):
                break
        progress = meter.finish(self._batch, self._ends[self._batch - 1])
        if not self._weights.all_finite():
            raise Diverged("a weight became infinite or nan", epoch, self._batch - 1)
        return progress

    def begun(self) -> Begun:
        """How far the epoch in hand has come; waits for the device."""
        progress = self._meter.settle(self._batch, self._ends[self._batch - 1])
        return Begun(self._batch, progress.loss_sum, progress.correct, self._meter.seconds())

    def _train(self, batch: int) -> None:
        """Queue one batch, counted from 1."""
        begin, end = self._ends[batch - 2] if batch > 1 else 0, self._ends[batch - 1]
        at_work = sum(share.run(batch - 1) for share in self._shares)
        self._weights.step(end - begin, at_work)
        self._batch = batch
        if self._draws and batch % SEED_EVERY == 0:
            self._seed_devices()

    def _draw_again(self) -> None:
        """Bring the random generators to where they were before the batch in hand."""
        reached, state = self._batch, self._weights.state()
        self._batch = reached // SEED_EVERY * SEED_EVERY
        self._seed_devices()
        for batch in range(self._batch + 1, reached + 1):
            self._train(batch)
        self._weights.restore(*state)

    def _seed_devices(self) -> None:
        # Dropout and whatever else is random in the network follow (seed, epoch, batch) too.
        key = [self._seed, self._epoch, 2, self._batch]
        mx.random.seed(int(np.random.SeedSequence(key).generate_state(1)[0] >> 1))


def _classes(network: Any, train: Split) -> int:
    """How many classes a network tells apart."""
    shape = (1, *train.images.shape[1:])
    _, (logits,), _ = network(mx.sym.var("images")).infer_shape(images=shape)
    return int(logits[1])
