"""Open a network and its data again, from a run folder or from an ONNX file alone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from ..backends.choose import choose_devices, make_backend
from ..backends.context import FASTEST, NAMES, BackendSpec, ContextSpec
from ..data.dataset import Dataset
from ..data.oddities import inverted_dataset_for
from ..data.parts import missing_paths
from ..digitize.digits.size import SIZE
from ..digitize.preprocessing import NONE, Preprocessing, preprocessing_of
from ..errors import DataError, UsageError
from ..runs.trained import TrainedNetwork
from ..train.evaluator import Evaluator
from ..values import Options
from ..wording import Say
from .network_file import network_in, open_file
from .run_data import RunData

if TYPE_CHECKING:
    from ..runs.folder import RunFolder

_DIGITS = "0123456789"


@dataclass(frozen=True)
class EvaluationRequest:
    """What to evaluate a run on.

    ``data`` is a registered data set, or a folder of IDX files or pictures; None means the run's
    own data. ``split`` is ``test``, ``train``, ``validation`` or ``all``; ``options`` are those of
    the data set; ``tta`` is how many views of each image are predicted.

    >>> EvaluationRequest(split="train", context=["gpu", "cpu"]).data is None
    True
    """

    data: Optional[str] = None
    split: str = "test"
    context: ContextSpec = "cpu"
    options: Options = field(default_factory=dict)
    backend: BackendSpec = "auto"
    tta: int = 1

    @property
    def files(self) -> list[str]:
        """The data set's name or folder, and the path among its options."""
        named = [self.data, self.options.get("path")]
        return [each for each in named if isinstance(each, str)]


def own_data(path: Path, request: EvaluationRequest, trained: TrainedNetwork, say: Say) -> Dataset:
    """Load the requested data set, or the run's own.

    Raises:
        MxdigitsError: if it cannot be used.

    >>> trained = trained_network(path)  # doctest: +SKIP
    >>> own_data(path, EvaluationRequest(split="train"), trained, print).name  # doctest: +SKIP
    """
    if request.data is None:
        if is_network_file(path):
            raise UsageError(f"{path} has no data of its own; name some by --data")
        from .origin import check_plugin, with_test_data

        if request.split in ("test", "validation"):
            trained = with_test_data(trained)  # other parts of a mix may be gone
        check_plugin(trained)
    own = request.data is None and not request.options
    if own and (missing := missing_paths(trained.data.options)):
        raise DataError(
            f"the data of {path} are no longer at {', '.join(missing.values())}; put them or a "
            "link to them there (score, predict, errors and explain take --data too)"
        )
    dataset = run_data(trained, say).load(request.data, request.options)
    if own and dict(dataset.hashes) != trained.data.sha256:
        say(f"the files of {dataset.name} are not those that {path} was trained with")
    shape = trained.network.image_shape
    if shape != dataset.image_shape:
        raise DataError(
            f"the network of {path} takes images of shape {shape}; "
            f"those of {dataset.name} are {dataset.image_shape}"
        )
    learnt = trained_preprocessing(trained).dark_on_light
    if request.data is not None and (note := inverted_dataset_for(learnt, dataset)):
        say(note)
    return dataset


def trained_network(path: Path) -> TrainedNetwork:
    """Return what is known of the network in a run folder or an ONNX file.

    Raises:
        RunFolderError: if it is neither, or damaged.
        DataError: if the file was not written by mxdigits.

    Example:
        >>> trained_network(Path("lenet.onnx")).network.classes[:2]  # doctest: +SKIP
        ('0', '1')
    """
    if is_network_file(path):
        return network_in(path)
    from ..runs.folder import RunFolder  # of which a file needs nothing

    return RunFolder.open(path).read_trained()


def is_network_file(path: Path) -> bool:
    """Whether a path stands for a network in one file, and not for a run folder.

    Example:
        >>> is_network_file(Path("lenet.onnx")), is_network_file(Path("runs/lenet"))
        (True, False)
    """
    return path.suffix == ".onnx" and not path.is_dir()


def with_weights(path: Path) -> Path:
    """Return the path after a check that it is a run folder, whose weights can be trained on.

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


@dataclass(frozen=True)
class Amount:
    """How many images are to be predicted, and how many at once.

    Example:
        >>> Amount(images=10000).at_once
        1000
    """

    images: int = 1000
    at_once: int = 1000


def open_evaluator(
    path: Path,
    request: EvaluationRequest,
    say: Say,
    *,
    predicting: bool = True,
    many: Amount = Amount(),
) -> Evaluator:
    """Open a run's network, or the network in a file, on the requested device.

    Args:
        path: the run folder, or the file.
        request: says the device and the backend.
        say: told what was passed over.
        predicting: whether backends that only predict are allowed.
        many: the work for which the backend ``fastest`` has to be the fastest.

    Raises:
        MxdigitsError: if the folder or the device cannot be used.

    >>> run = Path("runs/mlp/20261123T153755Z-62fd27")
    >>> evaluator = open_evaluator(run, EvaluationRequest(), print)  # doctest: +SKIP
    >>> evaluator.predict(images).shape  # doctest: +SKIP
    """
    if is_network_file(path):
        return open_file(path, request.context, request.backend, request.tta, say)
    from ..runs.folder import RunFolder  # of which a file needs nothing

    folder = RunFolder.open(path)
    trained = folder.read_trained()
    backend = request.backend
    if backend == FASTEST and predicting:
        backend = _fastest(folder, trained, request, many, say)
    choice = choose_devices(request.context, backend, say, predicting=predicting)
    loaded = folder.load_network(choice.contexts[:1], choice.backend)
    return Evaluator(
        loaded,
        make_backend(choice.backend, loaded, devices=choice.contexts[:1]),
        label_smoothing=trained.network.label_smoothing,
        tta=request.tta,
    )


def _fastest(
    folder: RunFolder, trained: TrainedNetwork, request: EvaluationRequest, many: Amount, say: Say
) -> str:
    """The backend that predicts this many images the fastest on this machine."""
    from ..backends.race.predicting import NetworkFiles, Predicting
    from ..backends.race.race import fastest  # starts processes
    from ..backends.race.trial import Requirements

    network = trained.network
    files = NetworkFiles(
        folder.symbol_file,
        folder.parameters_file,
        network.image_shape,
        len(network.classes),
        network.sha256 or folder.network_hashes(),
    )
    work = Predicting(files, many.images * request.tta, many.at_once)
    return fastest(NAMES, Requirements(request.context, predicting=True), work, say).backend


def run_data(trained: TrainedNetwork, say: Say) -> RunData:
    """Return how a run's data were read, to read other data in the same way.

    >>> from mxdigits.runs.trained import NetworkForm, TrainedOn
    >>> network = NetworkForm((1, 28, 28), tuple("0123456789"))
    >>> trained = TrainedNetwork(TrainedOn("mnist"), network)
    >>> run_data(trained, print).load().image_shape
    (1, 28, 28)
    """
    return RunData(trained.data.name, trained.data.options, trained.network.classes, say)


def trained_preprocessing(
    trained: TrainedNetwork, wanted: Optional[str] = None, *, any_ink: bool = False
) -> Preprocessing:
    """Return how pictures are prepared for a run's network; ``wanted`` is the user's own choice.

    If the network knows only digits, ink that does not look like a digit is ignored, unless
    ``any_ink`` is true.

    >>> from mxdigits.runs.trained import NetworkForm, TrainedOn
    >>> network = NetworkForm((1, 28, 28), tuple("0123456789"))
    >>> trained = TrainedNetwork(TrainedOn("mnist"), network)
    >>> trained_preprocessing(trained).name, trained_preprocessing(trained, "none").name
    ('mnist', 'none')
    """
    network = trained.network
    found = preprocessing_of(
        network.preprocessing,
        trained.data.name,
        network.image_shape,
        wanted,
        network.dark_on_light,
    )
    return replace(found, only_digits=not any_ink and set(network.classes) <= set(_DIGITS))


def resizing_note(trained: TrainedNetwork, wanted: Optional[str] = None) -> str:
    """Return the note that pictures are only resized; empty if the user chose that.

    Example:
        >>> from mxdigits.runs.trained import NetworkForm, TrainedOn
        >>> network = NetworkForm((1, 28, 28), tuple("0123456789"))
        >>> resizing_note(TrainedNetwork(TrainedOn("idx"), network))[:26]
        'pictures are only resized,'
        >>> resizing_note(TrainedNetwork(TrainedOn("mnist"), network))
        ''
    """
    network, data = trained.network, trained.data.name
    form = preprocessing_of(network.preprocessing, data, network.image_shape)
    # A folder has the option digitize; for other data the option preprocessing may be written.
    chosen = wanted is not None or data == "folder" or "preprocessing" in trained.data.options
    if chosen or form.name != NONE or network.image_shape[1:] != (SIZE, SIZE):
        return ""
    return (
        "pictures are only resized, because the network learnt from images as they were; if those "
        "had "
        "MNIST's form, write --preprocessing mnist"
    )
