"""What a model must do."""

from __future__ import annotations

import json
import tempfile
import time
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Optional

import numpy as np
from numpy.typing import NDArray

from ..errors import MxdigitsError
from ..metrics import softmax
from ..network import build_network
from ..registry import Entry, Registry
from ..runtime import import_mxnet, seed_everything
from ..signatures import options_of
from .effects import changes, seeds_set, settings
from .loading import LOADING, Case, claim
from .results import Broken, Check, NotApplicable, vital

CLASSES = 10
DEFAULT_SHAPES = ((1, 28, 28),)

# Of the largest logit: oneDNN adds up in another order than MXNet alone does.
TOLERANCE = 1e-3

# Operators that do one thing while training and another thing otherwise.
TWO_FACED = {"BatchNorm", "BatchNorm_v1", "Dropout", "RNN", "_contrib_SyncBatchNorm"}


class ModelCase(Case):
    """A model to be checked; ``image_shapes`` are the (C, H, W) that it claims to take."""

    def __init__(
        self,
        registry: Registry,
        entry: Entry,
        options: Mapping[str, Any],
        image_shapes: Optional[Sequence[tuple[int, int, int]]] = None,
    ):
        super().__init__(registry, entry, options)
        self._given_shapes = image_shapes

    @property
    def image_shapes(self) -> tuple[tuple[int, int, int], ...]:
        shapes = claim(self.factory, "image_shapes", self._given_shapes)
        return DEFAULT_SHAPES if shapes is None else tuple(shapes)

    @property
    def factory(self) -> Any:
        return self.registry.get(self.entry.name)

    def make(self, classes: int = CLASSES) -> Any:
        """What the factory returns, untouched."""
        return self.registry.make(self.entry.name, self.options, classes=classes)

    def build(
        self,
        *,
        classes: int = CLASSES,
        shape: Optional[tuple[int, int, int]] = None,
        contexts: Sequence[Any] = (),
        seed: int = 1,
    ) -> Any:
        """A network as a run has it: initialised and hybridized."""
        seed_everything(seed)
        return build_network(
            self.entry.name,
            self.options,
            classes=classes,
            image_shape=shape or self.image_shapes[0],
            contexts=contexts,
        )

    def digits(self, count: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Noise with a bright bar, whose place depends on the label."""
        random = np.random.default_rng(3)
        labels = np.arange(count) % CLASSES
        images = random.integers(0, 60, (count, *self.image_shapes[0])).astype(np.uint8)
        height = images.shape[2]
        for image, label in zip(images, labels):
            top = label * height // CLASSES
            image[:, top : top + max(1, height // CLASSES)] += 180
        return images, labels

    def images(self, count: int, shape: Optional[tuple[int, int, int]] = None) -> Any:
        """Random images (count, C, H, W), float32 from 0 to 1, on the first CPU."""
        random = np.random.default_rng(4)
        shape = shape or self.image_shapes[0]
        return import_mxnet().nd.array(random.random((count, *shape), dtype=np.float32))


@vital
def takes_classes_by_keyword(case: ModelCase) -> str:
    """The factory takes keyword options, `classes` among them, and needs no other than were given."""
    takes = options_of(case.factory)
    if "classes" not in takes.defaults and not takes.open_ended:
        raise Broken(f"({takes})", "add the keyword: def build(*, classes=10)")
    for option, default in takes.defaults.items():
        if default is None and option != "classes" and option not in case.options:
            raise NotApplicable(f"{option} is required: give it as {option}=...")
    return f"({takes})"


@vital
def builds(case: ModelCase) -> str:
    """The factory builds a network of 10 classes."""
    began = time.perf_counter()
    case.make()
    seconds = time.perf_counter() - began
    case.figures["build_seconds"] = round(seconds, 3)
    return f"in {seconds:.2f} s"


@vital
def returns_a_hybrid_block(case: ModelCase) -> None:
    """The factory returns a HybridBlock of Gluon."""
    block = case.make()
    if not isinstance(block, import_mxnet().gluon.HybridBlock):
        raise Broken(
            f"{type(block).__module__}.{type(block).__name__}",
            "derive it from mxnet.gluon.HybridBlock, and write hybrid_forward(self, F, x)",
        )


def building_sets_no_seed(case: ModelCase) -> None:
    """Building sets no global generator to a seed of its own."""
    found = seeds_set(case.make)
    if found:
        raise Broken(f"{', '.join(found)} was seeded", "leave the seed to the recipe")


def building_keeps_settings(case: ModelCase) -> None:
    """Building changes no setting of NumPy, MXNet or the process."""
    before = settings()
    case.make()
    found = [each for part in changes(before, settings()).values() for each in part]
    if found:
        raise Broken("; ".join(found), "leave settings to the program")


def builds_a_new_network_each_time(case: ModelCase) -> None:
    """Two networks share no parameter."""
    one, two = case.make(), case.make()
    shared = {id(p) for p in one.collect_params().values()} & {
        id(p) for p in two.collect_params().values()
    }
    if one is two or shared:
        what = "the same block twice" if one is two else f"{len(shared)} parameters in both"
        raise Broken(what, "make the block inside the factory, and keep none in the module")


@vital
def gives_one_logit_a_class(case: ModelCase) -> None:
    """Batches of 1, 2 and 7 images give float32 logits of shape (N, 10)."""
    network = _built(case)
    for count in (1, 2, 7):
        logits = network(case.images(count))
        if logits.shape != (count, CLASSES) or logits.dtype != np.float32:
            raise Broken(
                f"{np.dtype(logits.dtype)} of shape {logits.shape} for {count} images",
                "end with nn.Dense(classes), and fix no batch size in the network",
            )


@vital
def initialises_every_parameter(case: ModelCase) -> str:
    """After the first images every parameter has its shape and values."""
    mx = import_mxnet()
    total = 0
    for name, parameter in case.build().collect_params().items():
        try:
            total += int(parameter.data().size)
        except (RuntimeError, mx.gluon.parameter.DeferredInitializationError):
            raise Broken(
                f"{name} has none: no image reached it", "use it in hybrid_forward, or remove it"
            ) from None
    case.figures["parameters"] = total
    return f"{total:,} values"


def follows_classes(case: ModelCase) -> None:
    """With 2 and with 37 classes there are as many logits."""
    for classes in (2, 37):
        _built(case, classes=classes)


def takes_the_image_shapes_it_claims(case: ModelCase) -> str:
    """Every image shape that it claims gives logits."""
    for shape in case.image_shapes:
        _built(case, shape=shape)
    return ", ".join("x".join(map(str, shape)) for shape in case.image_shapes)


def judges_each_image_alone(case: ModelCase) -> None:
    """An image's logits do not depend on the others of its batch."""
    network, images = case.build(), case.images(7)
    together = network(images).asnumpy()
    alone = np.concatenate([network(images[i : i + 1]).asnumpy() for i in range(7)])
    _same(together, alone, "keep every operation inside its image: none over axis 0")


def hybridized_equals_imperative(case: ModelCase) -> None:
    """The hybridized network gives what the imperative one gives."""
    network, images = case.build(), case.images(7)
    hybridized = network(images).asnumpy()
    network.hybridize(False)
    _same(
        hybridized,
        network(images).asnumpy(),
        "decide nothing in hybrid_forward by values, and keep no state between calls",
    )


def predicting_is_repeatable(case: ModelCase) -> None:
    """Outside training the same images give the same bits, also from the imperative network."""
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
    """Outside training no parameter changes."""
    network = case.build()
    before = _values(network)
    for how in (True, False):
        network.hybridize(how)
        network(case.images(7)).wait_to_read()
    changed = _changed(before, _values(network))
    if changed:
        raise Broken(f"{', '.join(changed)} changed", "write parameters only while training")


def training_changes_only_statistics(case: ModelCase) -> None:
    """A forward pass in training mode changes no parameter that is trained."""
    mx = import_mxnet()
    network = case.build()
    before = _values(network)
    for how in (True, False):
        network.hybridize(how)
        with mx.autograd.record():
            network(case.images(7)).wait_to_read()
    trained = [n for n, p in network.collect_params().items() if p.grad_req != "null"]
    changed = [name for name in _changed(before, _values(network)) if name in trained]
    if changed:
        raise Broken(f"{', '.join(changed)} changed", "leave the update to the optimizer")


def training_mode_differs_only_by_its_layers(case: ModelCase) -> None:
    """Without layers such as Dropout and BatchNorm, training mode gives the same logits."""
    mx = import_mxnet()
    network, images = case.build(), case.images(7)
    layers = _two_faced_layers(network)
    if layers:
        raise NotApplicable(f"it has {layers}")
    expected = network(images).asnumpy()
    for how in (True, False):
        network.hybridize(how)
        with mx.autograd.train_mode():
            logits = network(images).asnumpy()
        _same(logits, expected, "ask for autograd.is_training() nowhere; use Dropout or BatchNorm")


def loads_what_it_saved(case: ModelCase) -> None:
    """save_parameters, and load_parameters in a new network, give the same logits."""
    network, images = case.build(), case.images(7)
    expected = network(images).asnumpy()
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder, "saved.params"))
        network.save_parameters(file)
        again = case.build(seed=2)
        again.load_parameters(file)
    _same(
        again(images).asnumpy(),
        expected,
        "keep everything that is learnt in parameters of the block and its children",
    )


def exports_and_comes_back(case: ModelCase) -> None:
    """Exported as a run does it, and imported, the network gives the same logits."""
    from ..saved_network import load_network, save_network

    mx = import_mxnet()
    network, images = case.build(), case.images(7)
    expected = network(images).asnumpy()
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder, "model-symbol.json"), Path(folder, "model-0000.params")
        save_network(network, case.image_shapes[0], *files)
        logits = load_network(*files, [mx.cpu()])(images).asnumpy()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it wonders at the type of data, and gets it right
            plain = mx.gluon.SymbolBlock.imports(str(files[0]), ["data"], str(files[1]))(images)
    mend = "build the network of operators of F alone"
    _same(logits, expected, mend)
    _same(plain.asnumpy(), softmax(expected), mend)


def gradients_reach_every_parameter(case: ModelCase) -> None:
    """The loss has a finite gradient, somewhere not 0, in every parameter that is trained."""
    network = case.build()
    found = _gradients(network, *case.digits(20), [import_mxnet().cpu()])
    for name, gradient in found.items():
        if not np.isfinite(gradient).all():
            raise Broken(f"{name}: not finite", "keep logarithms, roots and quotients from 0")
        if not gradient.any():
            raise Broken(
                f"{name}: 0 everywhere",
                "use the parameter in hybrid_forward, or give it grad_req='null'",
            )


def loss_falls_on_a_fixed_batch(case: ModelCase) -> str:
    """Ten steps of Adam on one batch of 20 images lower the loss."""
    from ..trainer import Trainer

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
    """Two networks from one seed, trained alike, hold the same bits."""
    from ..trainer import Trainer

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
    """On cpu(0) and cpu(1) a batch has the same logits and gradients as on cpu(0) alone."""
    mx = import_mxnet()
    alone, both = [mx.cpu(0)], [mx.cpu(0), mx.cpu(1)]
    mend = "name no context in the network, and keep every operation inside its image"
    images = case.images(7)
    network = case.build(contexts=both)
    second = network(images.as_in_context(both[1])).asnumpy()
    _same(second, case.build(contexts=alone)(images).asnumpy(), mend)
    layers = _two_faced_layers(network)
    if layers:
        return f"the logits; not the gradients, because of {layers}"
    one, two = (_gradients(case.build(contexts=each), *case.digits(20), each) for each in (alone, both))
    largest = max(np.abs(gradient).max() for gradient in one.values())
    for (name, expected), got in zip(one.items(), two.values()):
        apart = np.abs(got - expected).max()
        if not apart <= TOLERANCE * largest:
            raise Broken(f"gradients of {name} that differ by up to {apart:.3g}", mend)
    return None


MODEL_CHECKS: list[Check] = [
    *LOADING,
    takes_classes_by_keyword,
    builds,
    returns_a_hybrid_block,
    building_sets_no_seed,
    building_keeps_settings,
    builds_a_new_network_each_time,
    gives_one_logit_a_class,
    initialises_every_parameter,
    follows_classes,
    takes_the_image_shapes_it_claims,
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
]


def _built(case: ModelCase, **how: Any) -> Any:
    try:
        return case.build(**how)
    except MxdigitsError as error:
        raise Broken(
            str(error),
            "leave out in_channels and in_units, and end with nn.Dense(classes)",
        ) from error


def _same(got: NDArray[Any], expected: NDArray[Any], mend: str) -> None:
    apart = np.abs(got - expected).max()
    if not apart <= TOLERANCE * np.abs(expected).max():  # nan is not the same as anything
        raise Broken(f"numbers that differ by up to {apart:.3g}", mend)


def _values(network: Any) -> dict[str, NDArray[Any]]:
    return {name: p.data().asnumpy() for name, p in network.collect_params().items()}


def _changed(before: Mapping[str, NDArray[Any]], after: Mapping[str, NDArray[Any]]) -> list[str]:
    return [name for name in before if not np.array_equal(before[name], after[name])]


def _two_faced_layers(network: Any) -> str:
    symbol = network(import_mxnet().sym.var("data"))
    operators = {node["op"] for node in json.loads(symbol.tojson())["nodes"]}
    return ", ".join(sorted(operators & TWO_FACED))


def _gradients(
    network: Any,
    images: NDArray[Any],
    labels: NDArray[Any],
    contexts: Sequence[Any],
) -> dict[str, NDArray[Any]]:
    """The gradients of the summed loss, added up over devices that share the images.

    In training mode: outside it MXNet's pooling keeps nothing for the way back, and its gradients
    are wrong.
    """
    mx = import_mxnet()
    loss = mx.gluon.loss.SoftmaxCrossEntropyLoss()
    shares = zip(
        mx.gluon.utils.split_and_load(mx.nd.array(images / 255), contexts),
        mx.gluon.utils.split_and_load(mx.nd.array(labels), contexts),
    )
    with mx.autograd.record():
        losses = [loss(network(x), y) for x, y in shares]
    mx.autograd.backward(losses)
    return {
        name: sum(p.grad(context).asnumpy() for context in contexts)
        for name, p in network.collect_params().items()
        if p.grad_req != "null"
    }
