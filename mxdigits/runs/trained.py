"""What must be known of a trained network to use it again, from a run folder or an ONNX file.

:mod:`mxdigits.runs.training_record` reads and checks it in ``run.json``. This module has only the
values, because prediction with an ONNX file needs nothing of run folders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

from ..values import Options, Unchecked


@dataclass(frozen=True)
class TrainedOn:
    """The data set that a network was trained on: name, options, SHA-256 of its files by name.

    Example:
        >>> TrainedOn("folder", {"path": "mine"}).name
        'folder'
    """

    name: str
    options: Options = field(default_factory=dict)
    sha256: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class NetworkForm:
    """What a network takes and gives.

    ``image_shape`` is (C, H, W), ``classes`` are the names of its outputs; ``preprocessing`` is how
    pictures become images, None if it is not known; ``label_smoothing`` is that of its training;
    ``sha256`` has the hashes of its files by name; ``dark_on_light`` says whether the training
    images are dark ink on light paper, None if it is not known.

    Example:
        >>> NetworkForm((1, 28, 28), ("minus", "plus")).classes
        ('minus', 'plus')
    """

    image_shape: tuple[int, int, int]
    classes: tuple[str, ...]
    preprocessing: Optional[str] = None
    label_smoothing: float = 0.0
    sha256: Mapping[str, str] = field(default_factory=dict)
    dark_on_light: Optional[bool] = None


@dataclass(frozen=True)
class TrainedNetwork:
    """A trained network: its training data, what it takes and gives, and the plugins that it needs.

    Example:
        >>> network = NetworkForm((1, 28, 28), ("minus", "plus"))
        >>> TrainedNetwork(TrainedOn("mine"), network).network.image_shape
        (1, 28, 28)
    """

    data: TrainedOn
    network: NetworkForm
    plugins: Mapping[str, Unchecked] = field(default_factory=dict)
