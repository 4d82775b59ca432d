"""The checks of a model's forward pass, of saving and loading it, and of training it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Optional

import numpy as np

from ..backends.mxnet.runtime import import_mxnet
from ..graph.network_files import write_network
from ..runs.folder import PARAMETERS, SYMBOL
from ..train.metrics import softmax
from .model_backends import other_backends_equal_mxnet
from .model_case import (
    TOLERANCE,
    ModelCase,
    changed,
    expect_same,
    gradients_of,
    two_faced_layers,
    values_of,
)
from .results import Broken, Check, NotApplicable


def judges_each_image_alone(case: ModelCase) -> None:
    """An image's logits do not depend on the others of its batch.

    >>> from mxdigits.registry import MODELS
    >>> judges_each_image_alone(ModelCase(MODELS, MODELS.entry("mlp"), {}))
    """
    network, images = case.build(), case.images(7)
    together = network(images).asnumpy()
    alone = np.concatenate([network(images[i : i + 1]).asnumpy() for i in range(7)])
    expect_same(together, alone, "keep every operation inside its image: none over axis 0")


def hybridized_equals_imperative(case: ModelCase) -> None:
    """The hybridized network gives what the imperative one gives.

    >>> from mxdigits.registry import MODELS
    >>> hybridized_equals_imperative(ModelCase(MODELS, MODELS.entry("mlp"), {}))
    """
    network, images = case.build(), case.images(7)
    hybridized = network(images).asnumpy()
    network.hybridize(False)
    expect_same(
        hybridized,
        network(images).asnumpy(),
        "decide nothing in hybrid_forward by values, and keep no state between calls",
    )


def predicting_is_repeatable(case: ModelCase) -> None:
    """Outside training the same images give the same bits, also from the imperative network.

    >>> from mxdigits.registry import MODELS
    >>> predicting_is_repeatable(ModelCase(MODELS, MODELS.entry("mlp"), {}))
    """
    network, images = case.build(), case.images(7)
    for how in ("hybridized", "imperative"):
        network.hybridize(how == "hybridized")
        first, second = network(images).asnumpy(), network(images).asnumpy()
        if not np.array_equal(first, second):
            raise Broken(
                f"{how}: logits that differ by up to {np.abs(first - second).max():.3g}",
                "draw random numbers only while training: Dropout does so by itself",
            )


def predicting_changes_no_parameter(case: ModelCase) -> None:
    """Outside training no parameter changes.

    >>> from mxdigits.registry import MODELS
    >>> predicting_changes_no_parameter(ModelCase(MODELS, MODELS.entry("mlp"), {}))
    """
    network = case.build()
    before = values_of(network)
    for how in (True, False):
        network.hybridize(how)
        network(case.images(7)).wait_to_read()
    names = changed(before, values_of(network))
    if names:
        raise Broken(f"{', '.join(names)} changed", "write parameters only while training")


def training_changes_only_statistics(case: ModelCase) -> None:
    """A forward pass in training mode changes no parameter that is trained.

    >>> from mxdigits.registry import MODELS
    >>> training_changes_only_statistics(ModelCase(MODELS, MODELS.entry("mlp"), {}))
    """
    mx = import_mxnet()
    network = case.build()
    before = values_of(network)
    for how in (True, False):
        network.hybridize(how)
        with mx.autograd.record():
            network(case.images(7)).wait_to_read()
    trained = [n for n, p in network.collect_params().items() if p.grad_req != "null"]
    names = [name for name in changed(before, values_of(network)) if name in trained]
    if names:
        raise Broken(f"{', '.join(names)} changed", "leave the update to the optimizer")


def training_mode_differs_only_by_its_layers(case: ModelCase) -> None:
    """Without layers such as Dropout and BatchNorm, training mode gives the same logits.

    >>> from mxdigits.registry import MODELS
    >>> training_mode_differs_only_by_its_layers(ModelCase(MODELS, MODELS.entry("mlp"), {}))
    """
    mx = import_mxnet()
    network, images = case.build(), case.images(7)
    layers = two_faced_layers(network)
    if layers:
        raise NotApplicable(f"it has {layers}")
    expected = network(images).asnumpy()
    for how in (True, False):
        network.hybridize(how)
        with mx.autograd.train_mode():
            logits = network(images).asnumpy()
        expect_same(
            logits, expected, "ask for autograd.is_training() nowhere; use Dropout or BatchNorm"
        )


def loads_what_it_saved(case: ModelCase) -> None:
    """save_parameters, and load_parameters in a new network, give the same logits.

    >>> from mxdigits.registry import MODELS
    >>> loads_what_it_saved(ModelCase(MODELS, MODELS.entry("mlp"), {}))
    """
    network, images = case.build(), case.images(7)
    expected = network(images).asnumpy()
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder, "saved.params"))
        network.save_parameters(file)
        again = case.build(seed=2)
        again.load_parameters(file)
    expect_same(
        again(images).asnumpy(),
        expected,
        "keep everything that is learnt in parameters of the block and its children",
    )


def exports_and_comes_back(case: ModelCase) -> None:
    """Exported as a run does it, and imported, the network gives the same logits.

    >>> from mxdigits.registry import MODELS
    >>> exports_and_comes_back(ModelCase(MODELS, MODELS.entry("mlp"), {}))  # doctest: +SKIP
    """
    from ..backends.mxnet.networks.saved_network import load_network
    from ..backends.mxnet.networks.symbols import neutral_form

    mx = import_mxnet()
    network, images = case.build(), case.images(7)
    expected = network(images).asnumpy()
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder, SYMBOL), Path(folder, PARAMETERS)
        write_network(*neutral_form(network), *files)
        logits = load_network(*files, [mx.cpu()])(images).asnumpy()
        plain = mx.gluon.SymbolBlock.imports(str(files[0]), ["data"], str(files[1]))(images)
    mend = "build the network of operators of F alone"
    expect_same(logits, expected, mend)
    expect_same(plain.asnumpy(), softmax(expected), mend)


def gradients_reach_every_parameter(case: ModelCase) -> None:
    """The loss has a finite gradient, somewhere not 0, in every parameter that is trained.

    >>> from mxdigits.registry import MODELS
    >>> gradients_reach_every_parameter(ModelCase(MODELS, MODELS.entry("mlp"), {}))
    """
    network = case.build()
    gradients = gradients_of(network, *case.digits(20), [import_mxnet().cpu()])
    for name, gradient in gradients.items():
        if not np.isfinite(gradient).all():
            raise Broken(f"{name}: not finite", "keep logarithms, roots and quotients from 0")
        if not gradient.any():
            raise Broken(
                f"{name}: 0 everywhere",
                "use the parameter in hybrid_forward, or give it grad_req='null'",
            )


def loss_falls_on_a_fixed_batch(case: ModelCase) -> str:
    """Ten steps of Adam on one batch of 20 images lower the loss.

    >>> from mxdigits.registry import MODELS
    >>> loss_falls_on_a_fixed_batch(ModelCase(MODELS, MODELS.entry("mlp"), {})).startswith("from ")
    True
    """
    from ..train.trainer import Trainer

    trainer = Trainer(case.build(), "adam", {"learning_rate": 0.001})
    history = trainer.fit(case.digits(20), epochs=10, batch_size=20)
    losses = [record.train_loss for record in history]
    if not min(losses[-3:]) < losses[0]:
        raise Broken(
            f"from {losses[0]:.4f} to {losses[-1]:.4f}",
            "return logits, without softmax; keep activations from saturating",
        )
    return f"from {losses[0]:.4f} to {losses[-1]:.4f}"


def same_seed_same_bits(case: ModelCase) -> None:
    """Two networks from one seed, trained alike, hold the same bits.

    >>> from mxdigits.registry import MODELS
    >>> same_seed_same_bits(ModelCase(MODELS, MODELS.entry("mlp"), {}))
    """
    from ..train.trainer import Trainer

    ends = []
    for _ in range(2):
        network = case.build()
        begin = [p.data().asnumpy() for p in network.collect_params().values()]
        Trainer(network, "sgd", {"learning_rate": 0.01}).fit(
            case.digits(20), epochs=2, batch_size=10
        )
        ends.append((begin, [p.data().asnumpy() for p in network.collect_params().values()]))
    for when, pairs in zip(("built", "trained"), zip(*ends)):
        if not all(np.array_equal(a, b) for a, b in zip(*pairs)):
            raise Broken(
                f"differing parameters when {when}",
                "draw from mxnet.random, numpy.random or random: the recipe's seed sets these",
            )


def two_contexts_equal_one(case: ModelCase) -> Optional[str]:
    """On cpu(0) and cpu(1) a batch has the same logits and gradients as on cpu(0) alone.

    >>> from mxdigits.registry import MODELS
    >>> two_contexts_equal_one(ModelCase(MODELS, MODELS.entry("mlp"), {}))
    """
    mx = import_mxnet()
    alone, both = [mx.cpu(0)], [mx.cpu(0), mx.cpu(1)]
    mend = "name no context in the network, and keep every operation inside its image"
    images = case.images(7)
    network = case.build(contexts=both)
    second = network(images.as_in_context(both[1])).asnumpy()
    expect_same(second, case.build(contexts=alone)(images).asnumpy(), mend)
    layers = two_faced_layers(network)
    if layers:
        return f"the logits; not the gradients, because of {layers}"
    one, two = (
        gradients_of(case.build(contexts=each), *case.digits(20), each) for each in (alone, both)
    )
    largest = max(np.abs(gradient).max() for gradient in one.values())
    for (name, expected), got in zip(one.items(), two.values()):
        apart = np.abs(got - expected).max()
        if not apart <= TOLERANCE * largest:
            raise Broken(f"gradients of {name} that differ by up to {apart:.3g}", mend)
    return None


PASSES: list[Check] = [
    judges_each_image_alone,
    hybridized_equals_imperative,
    predicting_is_repeatable,
    predicting_changes_no_parameter,
    training_changes_only_statistics,
    training_mode_differs_only_by_its_layers,
    loads_what_it_saved,
    exports_and_comes_back,
    gradients_reach_every_parameter,
    loss_falls_on_a_fixed_batch,
    same_seed_same_bits,
    two_contexts_equal_one,
    other_backends_equal_mxnet,
]
