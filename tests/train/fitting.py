"""Small networks to fit, and fits whose states are kept after every batch."""

from __future__ import annotations

import json

from mxdigits.backends.mxnet.runtime import import_mxnet
from mxdigits.models.building import build_network
from mxdigits.train.callbacks import Callback
from mxdigits.train.state import TrainingState

mx = import_mxnet()


TIMED = {"seconds", "samples_per_second"}

# Batches of an epoch of 130 images.
BATCH_SIZE, BATCHES = 13, 10


def block(*, contexts=(), dropout=0.3, units=6, seed=3):
    """A network with all that is saved: weights, statistics, random draws."""
    nn = mx.gluon.nn
    mx.random.seed(seed)
    network = nn.HybridSequential()
    network.add(
        nn.Conv2D(2, kernel_size=5, strides=4),
        nn.BatchNorm(),
        nn.Dense(units, activation="tanh"),
        nn.Dropout(dropout),
        nn.Dense(4),
    )
    network.initialize(mx.init.Xavier(), ctx=list(contexts) or mx.cpu())
    network(mx.nd.zeros((1, 1, 16, 16), ctx=contexts[0] if contexts else mx.cpu()))
    return network


class Keep:
    """A sink that keeps the state after every batch, as it would come back from a disk."""

    def __init__(self):
        self.states = {}

    def due(self, batch):
        return True

    def keep(self, state, *, last):
        facts = json.loads(json.dumps(state.facts))
        self.states[state.epoch, state.batch] = TrainingState(
            state.epoch, state.batch, state.arrays, facts
        )


def timeless(history):
    """The rows of a history without what the clock says."""
    told = [vars(record).items() for record in history]
    return [{k: v for k, v in each if k not in TIMED and v is not None} for each in told]


def same_arrays(one, other):
    assert one.keys() == other.keys()
    for name, array in one.items():
        assert array.dtype == other[name].dtype
        assert array.tobytes() == other[name].tobytes(), name


def parameters(network):
    return {place: p.data().asnumpy() for place, p in network._collect_params_with_prefix().items()}


def fitted(digits, trainer, *, epochs=3, state=None, batch_size=BATCH_SIZE, **options):
    """Fit to the end, from a state or the beginning; gives what is left of it."""
    keep = Keep()
    if state is not None:
        trainer.restore(state)
    trainer.fit(
        digits["train"],
        epochs=epochs - len(trainer.history),
        batch_size=batch_size,
        validation=digits["test"],
        sink=keep,
        **options,
    )
    return keep.states


class Plan(Callback):
    """Does after each epoch what it was told, and counts the epochs."""

    def __init__(self, plan):
        self.plan, self.epochs = plan, 0

    def on_epoch_end(self, record):
        self.epochs += 1
        return self.plan.get(record.epoch)

    def state(self):
        return {"epochs": self.epochs}

    def restore(self, state):
        self.epochs = state["epochs"]


def network(name="mlp", *, contexts=(), seed=3, classes=4, size=16, **options):
    mx.random.seed(seed)
    return build_network(
        name, options, classes=classes, image_shape=(1, size, size), contexts=contexts
    )


def plain_network(seed=3):
    """A block that knows nothing of mxdigits."""
    mx.random.seed(seed)
    block = mx.gluon.nn.HybridSequential()
    block.add(
        mx.gluon.nn.Conv2D(8, kernel_size=3, activation="relu"),
        mx.gluon.nn.BatchNorm(),
        mx.gluon.nn.MaxPool2D(2),
        mx.gluon.nn.Dense(4),
    )
    block.initialize(mx.init.Xavier())
    block(mx.nd.zeros((1, 1, 16, 16)))
    return block


def weights(block):
    return [p.data().asnumpy() for p in block.collect_params().values()]
