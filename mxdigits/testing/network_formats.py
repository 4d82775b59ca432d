"""The checks of formats of networks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import numpy as np

from ..arrays import Floats, Numbers
from ..backends.choose import choose_devices, outputs
from ..errors import BackendMissing
from ..export.formats import ExportOptions, Network, NetworkFormat
from ..export.parity import TOLERANCE
from ..foreign import type_name
from ..graph import Graph, Output, Variable, operation
from ..plugins.entry import Entry
from ..plugins.registry import Registry
from ..runs.description import Description
from ..wording import say_nothing
from .case import Case, expect_settings_kept
from .results import Broken, Check, NotApplicable, vital

_CLASSES = 10
_SHAPE = (1, 28, 28)  # of one image: channels, height, width
_METHODS = ("check", "files", "write", "load")


class NetworkFormatCase(Case):
    """A format of networks, and a small convolutional network to write in it.

    >>> from mxdigits.registry import NETWORK_FORMATS
    >>> entry = NETWORK_FORMATS.entry("mxnet")
    >>> NetworkFormatCase(NETWORK_FORMATS, entry, {}).format.suffix
    '-symbol.json'
    """

    def __init__(self, registry: Registry, entry: Entry, options: Mapping[str, object]):
        super().__init__(registry, entry, options)
        random = np.random.default_rng(0)
        self.images = random.random((7, *_SHAPE), np.float32)
        self.network = _network(random)
        self.weights = {name: array.copy() for name, array in self.network.arrays.items()}
        self.export_options = ExportOptions(
            17, 0.002, lambda most: random.random((min(most, 64), *_SHAPE), np.float32), say_nothing
        )

    @cached_property
    def format(self) -> NetworkFormat:
        """The format, made once: a format may keep state between writing and loading."""
        _ = self.settings_before
        made: NetworkFormat = self.registry.make(self.entry.name, self.options)
        return made

    @cached_property
    def answers(self) -> Numbers:
        """The network's own outputs for the images, (7, 10)."""
        choice = choose_devices("cpu")
        return outputs(choice, self.network.graph, self.network.arrays, self.images)

    @contextmanager
    def written(self, *networks: Network) -> Iterator[Path]:
        """The target file, in a temporary folder, after each network has been written to it."""
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder, f"network{self.format.suffix}")
            for each in networks or [self.network]:
                self.format.write(each, target, self.export_options)
            yield target


@vital
def is_a_network_format(case: NetworkFormatCase) -> str:
    """It is made without arguments and has `suffix`, `exact`, `check`, `files`, `write`, `load`.

    >>> is_a_network_format(_case("mxnet"))
    '-symbol.json, exact'
    """
    form = case.format
    lacking = [name for name in _METHODS if not callable(getattr(form, name, None))]
    if lacking:
        raise Broken(f"no {', '.join(lacking)}", "see NetworkFormat in mxdigits/export/formats.py")
    suffix, exact = getattr(form, "suffix", None), getattr(form, "exact", None)
    if not isinstance(suffix, str) or "." not in suffix or "/" in suffix:
        raise Broken(f"the suffix {suffix!r}", "write a text such as '.npz'")
    if not isinstance(exact, bool):
        raise Broken(f"exact is {type_name(exact)}", "write True or False")
    return f"{suffix}, {'exact' if exact else 'not exact'}"


@vital
def takes_a_plain_network(case: NetworkFormatCase) -> None:
    """`check` accepts a convolution, an activation, a pooling, a layer of units and a softmax.

    >>> takes_a_plain_network(_case("mxnet"))
    """
    try:
        case.format.check(case.network, case.export_options)
    except BackendMissing as error:
        raise NotApplicable(str(error)) from None


@vital
def names_its_files(case: NetworkFormatCase) -> str:
    """`files` gives the target first, and others beside it.

    >>> names_its_files(_case("mxnet"))
    'network-symbol.json, network-0000.params'
    """
    target = Path("folder", f"network{case.format.suffix}")
    files = [Path(file) for file in case.format.files(target)]
    if files[:1] != [target] or {file.parent for file in files} != {target.parent}:
        raise Broken(
            ", ".join(map(str, files)) or "nothing",
            "return (target, target.with_name(...)), or (target,) alone",
        )
    return ", ".join(file.name for file in files)


@vital
def writes_its_files(case: NetworkFormatCase) -> None:
    """`write` makes the files that `files` names, and nothing else beside them.

    >>> writes_its_files(_case("mxnet"))
    """
    with case.written() as target:
        there = sorted(file.name for file in target.parent.iterdir())
        named = sorted(Path(file).name for file in case.format.files(target))
    if there != named:
        raise Broken(f"{', '.join(there) or 'nothing'} and not {', '.join(named)}", "name each")


@vital
def answers_as_the_network(case: NetworkFormatCase) -> str:
    """`load` gives the answers of the network: to 1e-4 if `exact`, else mostly the same class.

    >>> answers_as_the_network(_case("mxnet"))[:30]
    'probabilities that differ by u'
    """
    with case.written() as target:
        return _compare(case, case.format.load(target)(case.images))


def answers_any_number_of_images(case: NetworkFormatCase) -> None:
    """Batches of one, two and seven images get the answers that all together get.

    >>> answers_any_number_of_images(_case("mxnet"))
    """
    with case.written() as target:
        predict = case.format.load(target)
        whole = np.asarray(predict(case.images))
        for count in (1, 2):
            few = np.asarray(predict(case.images[:count]))
            if few.shape != (count, _CLASSES) or not np.allclose(few, whole[:count], atol=1e-5):
                raise Broken(
                    f"other answers of shape {few.shape} for {count}", "leave the batch open"
                )


def is_written_again(case: NetworkFormatCase) -> None:
    """Written a second time, with the comparison in its description, it answers the same.

    >>> is_written_again(_case("mxnet"))
    """
    described = case.network.described(parity={"images": 7, "largest_difference": 0.0})
    with case.written(case.network, described) as target:
        _compare(case, case.format.load(target)(case.images))


def leaves_the_network_alone(case: NetworkFormatCase) -> None:
    """Writing changes no weight of the network.

    >>> leaves_the_network_alone(_case("mxnet"))
    """
    with case.written():
        now = case.network.arrays
        kept = {name for name in now if np.array_equal(now[name], case.weights.get(name, ()))}
        changed = [name for name in case.weights if name not in kept]
    if changed:
        raise Broken(f"{', '.join(changed)} changed", "write copies of the arrays")


def exporting_keeps_settings(case: NetworkFormatCase) -> None:
    """Writing and loading change no setting of NumPy, MXNet or the process.

    >>> exporting_keeps_settings(_case("mxnet"))
    """
    expect_settings_kept(case)


EXPORTING: list[Check] = [
    is_a_network_format,
    takes_a_plain_network,
    names_its_files,
    writes_its_files,
    answers_as_the_network,
    answers_any_number_of_images,
    is_written_again,
    leaves_the_network_alone,
    exporting_keeps_settings,
]


def _compare(case: NetworkFormatCase, given: Numbers) -> str:
    said, own = np.asarray(given), case.answers
    if said.shape != own.shape:
        raise Broken(f"an output of shape {said.shape}", f"give {own.shape}: a row an image")
    difference = float(np.abs(said - own.astype(np.float64)).max())
    equal = int((said.argmax(1) == own.argmax(1)).sum())
    if case.format.exact and not difference <= TOLERANCE:
        raise Broken(
            f"probabilities that differ by up to {difference:.1e}",
            "compute the same, or say exact = False if the format rounds",
        )
    if not np.isfinite(difference) or 2 * equal < len(own):
        raise Broken(f"{equal} of {len(own)} answers equal", "compute what the network computes")
    return f"probabilities that differ by up to {difference:.1e}"


def _network(random: np.random.Generator) -> Network:
    def weights(*shape: int) -> Floats:
        return random.normal(0, 0.5, shape).astype(np.float32)

    arrays = {
        "conv0_weight": weights(4, 1, 5, 5),
        "conv0_bias": weights(4),
        "dense0_weight": weights(_CLASSES, 4 * 12 * 12),
        "dense0_bias": weights(_CLASSES),
    }
    variables = [Variable("data", "input"), *map(Variable, arrays)]
    at = {each.name: Output(place) for place, each in enumerate(variables)}
    first = len(variables)

    def inputs(before: int, layer: str) -> Sequence[Output]:
        return [Output(before), at[f"{layer}_weight"], at[f"{layer}_bias"]]

    operations = [
        operation("Convolution", "conv0", inputs(0, "conv0"), kernel=(5, 5), num_filter=4),
        operation("Activation", "relu0", [Output(first)], act_type="relu"),
        operation(
            "Pooling", "pool0", [Output(first + 1)], kernel=(2, 2), stride=(2, 2), pool_type="max"
        ),
        operation("FullyConnected", "dense0", inputs(first + 2, "dense0"), num_hidden=_CLASSES),
        operation("softmax", "prob", [Output(first + 3)]),
    ]
    graph = Graph((*variables, *operations), (Output(first + 4),))
    description = Description(
        name="network",
        image_shape=_SHAPE,
        input_range=(0.0, 1.0),
        classes=tuple(map(str, range(_CLASSES))),
        preprocessing="mnist",
        run="checks/network",
    )
    return Network(graph, arrays, description)


def _case(name: str) -> NetworkFormatCase:
    """A case for the examples of this module."""
    from ..plugins.registry import NETWORK_FORMATS

    return NetworkFormatCase(NETWORK_FORMATS, NETWORK_FORMATS.entry(name), {})
