"""Opens a run again, from its folder alone: its data and its network."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from ..backends.choose import choose_devices
from ..backends.context import FASTEST, NAMES, BackendSpec, ContextSpec, parse_backend
from ..data.dataset import Dataset
from ..data.parts import MIX, part_problems, parts_of
from ..digitize.preprocessing import Preprocessing, preprocessing_of
from ..errors import DataError, PluginError, UsageError
from ..plugins.installed import LIMIT, counts, installed_version
from ..plugins.registry import DATASETS, IN_PROCESS
from ..runs.description import PROBABILITIES, Description
from ..runs.folder import RunFolder
from ..runs.record import TrainedNetwork
from ..train.trainer import Trainer
from ..values import Options
from ..wording import Say
from .run_data import RunData

if TYPE_CHECKING:
    from ..backends.onnx.loading import Model


_DIGITS = "0123456789"


@dataclass(frozen=True)
class EvaluationRequest:
    """What to evaluate a run on.

    ``data`` is a registered data set or a folder of IDX files or pictures, and None the run's own;
    ``split`` is ``test``, ``train``, ``validation`` or ``all``; ``options`` are the data set's;
    ``tta`` is how many views of each image are predicted.

    >>> EvaluationRequest(split="train", context=["gpu", "cpu"]).data is None
    True
    """

    data: Optional[str] = None
    split: str = "test"
    context: ContextSpec = "cpu"
    options: Options = field(default_factory=dict)
    backend: BackendSpec = "auto"
    tta: int = 1


def own_data(path: Path, request: EvaluationRequest, trained: TrainedNetwork, say: Say) -> Dataset:
    """The data set that is asked for, or the run's own.

    Raises:
        MxdigitsError: if it cannot be used.

    >>> trained = RunFolder.open(path).read_record(TrainedNetwork)  # doctest: +SKIP
    >>> own_data(path, EvaluationRequest(split="train"), trained, print).name  # doctest: +SKIP
    """
    if request.data is None and request.split in ("test", "validation"):
        trained = with_test_data(trained)  # what a mix was trained on besides may be gone
    if request.data is None and is_network_file(path):
        raise UsageError(f"{path} has no data of its own; name some by --data")
    if request.data is None:
        _check_plugin(trained)
    dataset = run_data(trained, say).load(request.data, request.options)
    own = request.data is None and not request.options
    if own and dict(dataset.hashes) != trained.data.sha256:
        say(f"the files of {dataset.name} are not those that {path} was trained with")
    shape = trained.network.image_shape
    if shape != dataset.image_shape:
        raise DataError(
            f"the network of {path} takes images of shape {shape}; "
            f"those of {dataset.name} are {dataset.image_shape}"
        )
    return dataset


def trained_network(path: Path) -> TrainedNetwork:
    """What is known of a network: of a run folder, or of a file of ONNX alone.

    Raises:
        RunFolderError: if it is neither, or damaged.
        DataError: if the file was not written by mxdigits.

    Example:
        >>> trained_network(Path("lenet.onnx")).network.classes[:2]  # doctest: +SKIP
        ('0', '1')
    """
    if not is_network_file(path):
        return RunFolder.open(path).read_record(TrainedNetwork)
    _, description = _network_file(path)
    return TrainedNetwork.model_validate(
        {
            "data": {"name": ""},
            "network": {
                "input": {"preprocessing": description.preprocessing},
                "image_shape": description.image_shape,
                "classes": description.classes,
            },
        }
    )


def is_network_file(path: Path) -> bool:
    """Whether a path stands for a network in one file, and not for a run folder.

    Example:
        >>> is_network_file(Path("lenet.onnx")), is_network_file(Path("runs/lenet"))
        (True, False)
    """
    return path.suffix == ".onnx" and not path.is_dir()


def with_weights(path: Path) -> Path:
    """The same path, of a folder whose weights can be trained on.

    Raises:
        UsageError: if it is a network in one file.

    Example:
        >>> with_weights(Path("lenet.onnx"))
        Traceback (most recent call last):
            ...
        mxdigits.errors.UsageError: lenet.onnx only predicts; name a run to train on from
    """
    if is_network_file(path):
        raise UsageError(f"{path} only predicts; name a run to train on from")
    return path


@lru_cache(maxsize=1)
def _network_file(path: Path) -> tuple[Model, Description]:
    """A file of ONNX, checked, and what it says of itself."""
    from ..backends.onnx.file import read_model  # only for this

    model, texts = read_model(path)
    description = Description.of_texts(texts, path)
    if not description.classes or description.output != PROBABILITIES:
        raise DataError(f"{path} gives no probabilities of classes that have names")
    return model, description


@dataclass(frozen=True)
class Amount:
    """How many images are to be predicted, and how many of them together.

    Example:
        >>> Amount(images=10000).at_once
        1000
    """

    images: int = 1000
    at_once: int = 1000


def open_trainer(
    path: Path,
    request: EvaluationRequest,
    say: Say,
    *,
    predicting: bool = True,
    many: Amount = Amount(),
) -> Trainer:
    """A Trainer with a run's network on the device that is asked for.

    Args:
        path: the run folder.
        request: says the device and the backend.
        say: told what was passed over.
        predicting: whether a backend counts that predicts only.
        many: what the backend ``fastest`` is to be the fastest for.

    Raises:
        MxdigitsError: if the folder or the device cannot be used.

    >>> run = Path("runs/mlp/20261123T153755Z-62fd27")
    >>> trainer = open_trainer(run, EvaluationRequest(), print)  # doctest: +SKIP
    >>> trainer.predict(images).shape  # doctest: +SKIP
    """
    if is_network_file(path):
        return _file_trainer(path, request, say)
    folder = RunFolder.open(path)
    trained = folder.read_record(TrainedNetwork)
    backend = request.backend
    if backend == FASTEST and predicting:
        backend = _fastest(folder, trained, request, many, say)
    choice = choose_devices(request.context, backend, say, predicting=predicting)
    return Trainer(
        folder.load_network(choice.contexts[:1], choice.backend),
        contexts=choice.contexts[:1],
        backend=choice.backend,
        label_smoothing=trained.network.label_smoothing,
        tta=request.tta,
    )


def _fastest(
    folder: RunFolder, trained: TrainedNetwork, request: EvaluationRequest, many: Amount, say: Say
) -> str:
    """The backend that predicts so many images the fastest on this machine."""
    from ..backends.race.race import fastest  # for which processes are started
    from ..backends.race.trial import Wanted
    from ..backends.race.work import NetworkFiles, Predicting

    network = trained.network
    files = NetworkFiles(
        folder.symbol_file,
        folder.parameters_file,
        network.image_shape,
        len(network.classes),
        network.sha256 or folder.network_hashes(),
    )
    work = Predicting(files, many.images * request.tta, many.at_once)
    return fastest(NAMES, Wanted(request.context, predicting=True), work, say).backend


def _file_trainer(path: Path, request: EvaluationRequest, say: Say) -> Trainer:
    if "onnx" not in parse_backend(request.backend, predicting=True):
        raise UsageError(f"{path} is run by the backend onnx alone")
    choice = choose_devices(request.context, "onnx", say, predicting=True)
    model, _ = _network_file(path)
    return Trainer(model, contexts=choice.contexts[:1], backend="onnx", tta=request.tta)


def run_data(trained: TrainedNetwork, say: Say) -> RunData:
    """What a run was trained on, for reading other data in the same way.

    >>> network = {"image_shape": (1, 28, 28), "classes": tuple("0123456789")}
    >>> trained = TrainedNetwork(data={"name": "mnist"}, network=network)
    >>> run_data(trained, print).load().image_shape
    (1, 28, 28)
    """
    return RunData(trained.data.name, trained.data.options, trained.network.classes, say)


def with_test_data(trained: TrainedNetwork) -> TrainedNetwork:
    """What a record says, with the data set of its test images: a mix has its first part's.

    >>> network = {"image_shape": (1, 28, 28), "classes": tuple("0123456789")}
    >>> data = {"name": "mix", "options": {"parts": ["mnist", "idx"]}}
    >>> trained = TrainedNetwork(data=data, network=network)
    >>> with_test_data(trained).data.name
    'mnist'
    """
    parts = trained.data.options.get("parts")
    if trained.data.name != MIX or any(part_problems(parts)):
        return trained
    first, prefix = parts_of(parts)[0], f"{parts_of(parts)[0].name}/"
    files = trained.data.sha256.items()
    data = {
        "name": first.name,
        "options": dict(first.options),
        "sha256": {name[len(prefix) :]: sha for name, sha in files if name.startswith(prefix)},
    }
    plugins = dict(trained.plugins)
    if plugins.get("parts"):
        plugins["data"] = plugins["parts"][0]
    data_of_part = trained.data.model_copy(update=data)
    return with_test_data(trained.model_copy(update={"data": data_of_part, "plugins": plugins}))


def trained_preprocessing(
    trained: TrainedNetwork, wanted: Optional[str] = None, *, any_ink: bool = False
) -> Preprocessing:
    """How pictures are prepared for a run's network; ``wanted`` is the user's own choice.

    What looks like no digit is none where the network knows digits alone, unless ``any_ink``.

    >>> network = {"image_shape": (1, 28, 28), "classes": tuple("0123456789")}
    >>> trained = TrainedNetwork(data={"name": "mnist"}, network=network)
    >>> trained_preprocessing(trained).name, trained_preprocessing(trained, "none").name
    ('mnist', 'none')
    """
    network = trained.network
    recorded = network.input.preprocessing
    found = preprocessing_of(recorded, trained.data.name, network.image_shape, wanted)
    return replace(found, only_digits=not any_ink and set(network.classes) <= set(_DIGITS))


def _check_plugin(trained: TrainedNetwork) -> None:
    """Say what to install where the plugin of a run's own data is not here."""
    origin = trained.plugins.get("data")
    if origin is None or DATASETS.entries(trained.data.name):
        return
    name, distribution, version = (origin[key] for key in ("name", "distribution", "version"))
    if distribution == IN_PROCESS:
        raise PluginError(
            f"the data set {name!r} was registered in the process that trained the run; "
            "name another by --data"
        )
    here = installed_version(distribution)
    if here is None:
        what = f"is not installed: pip install {distribution}=={version}"
    elif not counts(distribution):
        what = f"is left out by {LIMIT}"
    else:
        what = f"is {here} here and does not offer it"
    raise PluginError(f"the run's data set {name!r} is from {distribution} {version}, which {what}")
