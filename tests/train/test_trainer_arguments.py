"""What a Trainer is told wrongly is one line, before anything is trained."""

from __future__ import annotations

import numpy as np
import pytest

import mxdigits
from mxdigits import Callback, Split, Trainer
from mxdigits.backends.mxnet.runtime import import_mxnet
from mxdigits.errors import MxdigitsError
from mxdigits.predict.networks import load
from mxdigits.runs.checkpoint_writer import CheckpointWriter

mx = import_mxnet()
pytestmark = pytest.mark.mxnet

IMAGES = np.full((20, 1, 4, 4), 255, np.uint8)
LABELS = np.arange(20) % 2
BLACK = np.zeros((2, 28, 28), np.uint8)


def network():
    dense = mx.gluon.nn.Dense(2, in_units=16)
    dense.initialize()
    return dense


def message(call, *arguments, **options) -> str:
    with pytest.raises(MxdigitsError) as caught:
        call(*arguments, **options)
    assert len(caught.value.lines) == 1
    return str(caught.value)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"optimizer": 3},
            "optimizer: must be the name of one, such as 'sgd', or an mx.optimizer.Optimizer, "
            "got 3",
        ),
        (
            {"optimizer": "nope"},
            "no optimizer is called 'nope'; there are adadelta, adagrad, adam, adamax, ccsgd, "
            "dcasgd, ftml, ftrl, groupadagrad, lamb, lars, lbsgd, nadam, nag, rmsprop, sgd, sgld, "
            "signum",
        ),
        (
            {"optimizer_options": 3},
            "optimizer_options: must be a mapping such as {'momentum': 0.9}, got 3",
        ),
        (
            {"optimizer_options": {"lr": 1}},
            "optimizer_options: lr: unknown option; known: clip_gradient, lazy_update, "
            "learning_rate, momentum, wd",
        ),
        (
            {"optimizer_options": {"learning_rate": "a"}},
            "optimizer_options: learning_rate: must be a number of at least 0, got 'a'",
        ),
        (
            {"optimizer_options": {"momentum": 2}},
            "optimizer_options: momentum: must be a number from 0 to below 1, got 2",
        ),
        (
            {"optimizer": mx.optimizer.SGD(), "optimizer_options": {"momentum": 0.9}},
            "optimizer_options: are only for an optimizer that is given by name",
        ),
        (
            {"contexts": mx.cpu()},
            "contexts: must be a list of devices, such as [mx.cpu()], got a Context",
        ),
        ({"contexts": ["x"]}, "contexts: each must be a device such as mx.cpu(), got 'x'"),
        (
            {"contexts": [mx.cpu(1)]},
            "contexts: the network is on cpu(0), not on cpu(1); before the Trainer write "
            "network.collect_params().reset_ctx(contexts)",
        ),
        (
            {"label_smoothing": 1},
            "label_smoothing: must be a number of at least 0 and less than 1, got 1",
        ),
        (
            {"class_weights": 3},
            "class_weights: must be a list of numbers above 0, one for each class, got 3",
        ),
        ({"class_weights": [1, 0]}, "class_weights: each: must be a number above 0, got 0"),
        ({"focal": -1}, "focal: must be a number of at least 0, got -1"),
        ({"sampler": "x"}, "sampler: must be 'balanced' or None, got 'x'"),
        ({"accumulate": 0}, "accumulate: must be a whole number of at least 1, got 0"),
        ({"clip_global_norm": 0}, "clip_global_norm: must be a number above 0, got 0"),
        (
            {"augmentation": "affine"},
            "augmentation: must be a Graph or a HybridBlock, got 'affine'; "
            "mxdigits.build_augmentation('affine', {}, image_shape=(1, 28, 28)) makes one by name",
        ),
        (
            {"teacher": "mlp"},
            "teacher: must be a Teacher of mxdigits.backends.settings, got 'mlp'",
        ),
        ({"ema": 2}, "ema: must be a number above 0 and less than 1, got 2"),
        ({"swa": "a"}, "swa: must be a whole number of at least 1, got 'a'"),
        (
            {"freeze": "weight"},
            "freeze: must be a list of patterns such as 'features.*', got 'weight'; write "
            "['weight']",
        ),
        ({"freeze": [3]}, "freeze: each: must be text, got 3"),
        ({"lr_mult": 3}, "lr_mult: must be a mapping such as {'features.*': 0.1}, got 3"),
        ({"lr_mult": {"*": "a"}}, "lr_mult: *: must be a number above 0, got 'a'"),
        ({"lr_mult": {"*": 0}}, "lr_mult: *: must be a number above 0, got 0"),
        ({"callbacks": 3}, "callbacks: must be a list of callbacks, got 3"),
        ({"seed": -1}, "seed: must be a whole number from 0 to 2147483647, got -1"),
        ({"tta": 0}, "tta: must be a whole number of at least 1, got 0"),
        ({"say": 3}, "say: must be a function, such as print, got 3"),
        ({"workers": 3}, "workers: must be Workers of mxdigits.workers, got 3"),
        (
            {"precision": "x"},
            "precision: there is no precision 'x'; there are: float32, tf32, bfloat16, float16",
        ),
    ],
)
def test_a_trainer_says_what_is_wrong(options, said):
    assert message(Trainer, network(), **options) == said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"epochs": -1}, "epochs: must be a whole number of at least 0, got -1"),
        ({"epochs": "a"}, "epochs: must be a whole number of at least 0, got 'a'"),
        ({"batch_size": None}, "batch_size: must be a whole number of at least 1, got nothing"),
        (
            {"schedule": "cosine"},
            "schedule: must be a function from an epoch to its learning rate, such as lambda "
            "epoch: 0.1, got 'cosine'",
        ),
        (
            {"schedule": lambda epoch: "a"},
            "schedule: the rate of epoch 0: must be a number of at least 0, got 'a'",
        ),
        ({"sink": 3}, "sink: must have the methods due(batch) and keep(state, *, last), got 3"),
        ({"sink": CheckpointWriter}, "sink: CheckpointWriter is a class; write CheckpointWriter()"),
        (
            {"validation": (IMAGES[:, :, :3], LABELS)},
            "validation: the network does not take images of shape (1, 3, 4): MXNetError: Error in "
            "operator dense0_fwd: Shape inconsistent, Provided = [2,16], inferred shape=(2,12)",
        ),
    ],
)
def test_a_fit_says_what_is_wrong(options, said):
    with mx.name.NameManager():
        trainer = Trainer(network(), "sgd")
    options = {"epochs": 1, "batch_size": 10, **options}
    assert message(trainer.fit, (IMAGES, LABELS), **options) == said
    assert len(trainer.history) == 0


def test_class_weights_are_as_many_as_classes():
    trainer = Trainer(network(), class_weights=[1, 1, 1])
    said = "class_weights: 3 are given, and the network has 2 classes"
    assert message(trainer.fit, (IMAGES, LABELS), epochs=1) == said


def test_numbers_may_be_numpys():
    trainer = Trainer(network(), seed=np.int64(3), label_smoothing=np.float32(0.1))
    rate = np.array(0.1)
    history = trainer.fit(
        (IMAGES, LABELS), epochs=np.int64(1), batch_size=np.int64(10), schedule=lambda _: rate
    )
    assert history[0].learning_rate == 0.1


@pytest.mark.parametrize(
    ("train", "said"),
    [
        (3, "train: expected a pair (images, labels), or what gives such batches"),
        ((None, LABELS), "train: expected an array, got nothing"),
        (
            (IMAGES, np.full(20, np.inf)),
            "train: labels must be whole numbers, the number of each image's class",
        ),
        (
            (IMAGES, LABELS.astype(np.uint64) + 2**63),
            "train: labels must be whole numbers, the number of each image's class",
        ),
        (
            mxdigits.Dataset("two", Split(IMAGES, LABELS), Split(IMAGES, LABELS), ("0", "1")),
            "train: a Dataset has several parts; give one, such as its train",
        ),
    ],
)
def test_data_that_are_none(train, said):
    assert message(Trainer(network()).fit, train, epochs=1) == said


def test_more_wrong_things_for_a_trainer():
    trainer = Trainer(network())
    assert message(trainer.add_callback, Callback) == (
        "callbacks: Callback is a class; write Callback()"
    )
    assert message(trainer.restore, 3) == (
        "state: must be a TrainingState, as a sink of fit is given, got 3"
    )
    assert message(trainer.score, (IMAGES, LABELS), top_k=("a",)) == (
        "top_k: each: must be a whole number of at least 1, got 'a'"
    )
    assert message(trainer.predict, BLACK).startswith(
        "predict: the network does not take images of shape (1, 28, 28): MXNetError: "
    )


def test_the_network_on_board():
    found = load()
    assert message(found.predict, "x.png") == (
        "predict: takes images, not a path; write predict(prepare('x.png'))"
    )
    assert message(found.prepare, BLACK) == (
        "prepare: must be the path of a picture, got an array of shape (2, 28, 28); of an array "
        "write mxdigits.digitize.digitize(picture)"
    )
    assert message(load, tta="8") == "tta: must be a whole number of at least 1, got '8'"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"classes": "a"}, "classes: must be a whole number of at least 1, got 'a'"),
        (
            {"image_shape": (28, 28)},
            "image_shape: must be three whole numbers, (channels, height, width), got (28, 28)",
        ),
        ({"backend": "nope"}, "there is no backend 'nope'; there are: mxnet, xla, torch, onnx"),
        ({"contexts": ["a"]}, "contexts: each must be a device such as mx.cpu(), got 'a'"),
    ],
)
def test_build_network_says_what_is_wrong(options, said):
    given = {"classes": 10, "image_shape": (1, 28, 28), **options}
    assert message(mxdigits.build_network, "mlp", {}, **given) == said
