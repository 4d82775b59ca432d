"""Networks that are installed under names; and a network opened by its name or its path.

A network comes in a distribution. An entry point of the group ``mxdigits.networks`` names a
function without arguments; it returns the path of an ONNX file that ``mxdigits export`` wrote, or
of a folder from ``mxdigits package --into``. One comes with mxdigits: :data:`ON_BOARD`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional, Union

from ..arguments import as_function, as_path, as_whole, quoted
from ..arrays import AnyArray, Pixels, Probabilities
from ..backends.context import BackendSpec, ContextSpec
from ..data.given import given_images
from ..digitize.preprocessing import Preprocessing
from ..errors import DataError, PluginError, UsageError
from ..plugins.registry import NETWORKS
from ..train.evaluator import Evaluator
from ..wording import Say, hidden, say_nothing
from .opening import EvaluationRequest, open_evaluator, trained_network, trained_preprocessing

ON_BOARD = "digits"  # the name of the network that is used if none is named

_NAMES = "the name of a network, a run folder or an ONNX file"
_DIGITIZE = "; of an array write mxdigits.digitize.digitize(picture)"


@dataclass(frozen=True, eq=False)
class LoadedNetwork:
    """A network that predicts.

    ``name`` is the name or path that was given, ``classes`` are the names of its outputs,
    ``image_shape`` is (C, H, W) of an image.

    Example:
        >>> network = load("digits-lenet")  # doctest: +SKIP
        >>> network.predict(np.zeros((2, 28, 28), np.uint8)).shape  # doctest: +SKIP
        (2, 10)
    """

    name: str
    classes: tuple[str, ...]
    image_shape: tuple[int, int, int]
    preprocessing: Preprocessing = field(repr=False)
    evaluator: Evaluator = field(repr=False)

    def predict(self, images: AnyArray) -> Probabilities:
        """Return the probabilities of each class, float32 (N, classes).

        Args:
            images: (N, C, H, W) or (N, H, W), bytes or floats from 0 to 1, at least one image, in
                the form of the training images: light digits on black. :meth:`prepare` gives a
                picture that form.

        Raises:
            UsageError: if they are a path.
            DataError: if they do not have this form.
        """
        if isinstance(images, (str, os.PathLike)):
            raise UsageError(
                f"predict: takes images, not a path; write predict(prepare({quoted(images)}))"
            )
        images = given_images("predict", images)
        if images.shape[1:] != self.image_shape:
            raise DataError(
                f"predict: {self.name} takes images of shape {self.image_shape}; "
                f"these are {images.shape[1:]}"
            )
        return self.evaluator.predict(images)

    def prepare(self, picture: Union[str, os.PathLike[str]]) -> Pixels:
        """Read a picture's file as an image for :meth:`predict`, uint8 (C, H, W).

        Raises:
            UsageError: if it is no path.
            DataError: if it cannot be read, or shows no digit.
        """
        path = as_path("prepare", picture, "the path of a picture", _DIGITIZE)
        from ..digitize.opening.picture import open_picture

        return self.preprocessing.image(open_picture(path))


def load(
    name: Union[str, os.PathLike[str], None] = None,
    *,
    context: ContextSpec = "cpu",
    backend: BackendSpec = "auto",
    tta: int = 1,
    say: Say = say_nothing,
) -> LoadedNetwork:
    """Open a network to predict with.

    Args:
        name: an installed network, a run folder or an ONNX file. By default the network that comes
            with mxdigits.
        context: the device, as in a recipe.
        backend: as in a recipe; only ``onnx`` runs an ONNX file.
        tta: how many views of each image, shifted and turned, are predicted and averaged.
        say: told what was taken and what was passed over.

    Raises:
        UsageError: if there is no network of that name, or an argument is not valid.
        MxdigitsError: if it cannot be used.

    Example:
        >>> load("digits-lenet").classes  # doctest: +SKIP
        ('0', '1', '2', '3', '4', '5', '6', '7', '8', '9')
    """
    as_function("say", say)
    tta = as_whole("tta", tta, least=1)
    path = on_board(say) if name is None else as_path("load", name, _NAMES)
    if not os.path.exists(path):  # unlike Path.exists, false for a name that is too long
        if why := hidden(path):
            raise DataError(f"{path}: cannot be read: {why}")
        path = network_path(os.fspath(path))
    trained = trained_network(path)
    return LoadedNetwork(
        ON_BOARD if name is None else os.fspath(name),
        trained.network.classes,
        trained.network.image_shape,
        trained_preprocessing(trained),
        open_evaluator(path, EvaluationRequest(context=context, backend=backend, tta=tta), say),
    )


def on_board(say: Say) -> Path:
    """Return the path of the network that comes with mxdigits; tell ``say`` that it is used.

    Raises:
        MxdigitsError: as :func:`network_path`.

    Example:
        >>> on_board(print).name
        no run was named, so the network 'digits' of mxdigits is used
        'digits'
    """
    path = network_path(ON_BOARD)
    say(
        f"no run was named, so the network {ON_BOARD!r} of "
        f"{NETWORKS.entry(ON_BOARD).distribution} is used"
    )
    return path


def installed_network(name: str, say: Say) -> Optional[Path]:
    """Return the path of an installed network; None if there is none, or a file or run is named so.

    Args:
        name: what the user wrote.
        say: told if a run of that name is taken instead.

    Raises:
        PluginError: if its distribution cannot be loaded, or gives no network.

    Example:
        >>> print(installed_network("digits", print).name, installed_network("letters", print))
        digits None
    """
    if os.path.lexists(name) or name not in NETWORKS:
        return None
    from ..runs.listing import DEFAULT_ROOT

    if (DEFAULT_ROOT / name).exists():
        say(f"{name} means the run in {DEFAULT_ROOT} here, not the installed network")
        return None
    return network_path(name)


def network_path(name: str) -> Path:
    """Return the ONNX file or the folder of an installed network.

    Raises:
        UsageError: if no network has that name.
        PluginError: if its distribution cannot be loaded, or gives neither.

    Example:
        >>> network_path("digits").name
        'digits'
    """
    found = NETWORKS.make(name, {})
    entry = NETWORKS.entry(name)
    if not isinstance(found, (str, os.PathLike)):
        raise PluginError(
            f"network {name!r} ({entry}) must give the path of a file or a folder, "
            f"not {type(found).__name__}"
        )
    path = Path(found)
    if not _is_network(path):
        raise PluginError(
            f"network {name!r} ({entry}) gives no ONNX file and no folder of a network: {path}"
        )
    return path


def _is_network(path: Path) -> bool:
    if path.suffix == ".onnx" and path.is_file():
        return True
    from ..runs.folder import RunFolder  # not needed for an ONNX file

    folder = RunFolder(path)
    return folder.has_network() and folder.record_file.is_file()
