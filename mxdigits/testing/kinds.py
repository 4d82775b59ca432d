"""The checks that a plugin of each kind must pass; a new kind needs a line in ``KINDS``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

from ..plugins.registry import (
    AUGMENTATIONS,
    CALLBACKS,
    DATASETS,
    EXPORTERS,
    MODELS,
    NETWORK_FORMATS,
    NETWORKS,
)
from .augmentations import AUGMENTING
from .callbacks import CALLING, CallbackCase
from .case import Case
from .datasets import READING, DatasetCase
from .formats import WRITING
from .loading import LOADING
from .model_building import BUILDING
from .model_case import ModelCase
from .model_passes import PASSES
from .network_formats import EXPORTING, NetworkFormatCase
from .results import Check


@dataclass(frozen=True)
class Kind:
    """How to make a case of a kind, and its checks.

    >>> [check.__name__ for check in KINDS[EXPORTERS.group].checks][-1]
    'writing_keeps_settings'
    """

    make_case: Callable[..., Case]
    checks: list[Check]


# The kinds by the group of their registry.
KINDS = {
    MODELS.group: Kind(ModelCase, [*LOADING, *BUILDING, *PASSES]),
    DATASETS.group: Kind(DatasetCase, [*LOADING, *READING]),
    AUGMENTATIONS.group: Kind(Case, [*LOADING, *AUGMENTING]),
    CALLBACKS.group: Kind(CallbackCase, [*LOADING, *CALLING]),
    EXPORTERS.group: Kind(Case, [*LOADING, *WRITING]),
    NETWORK_FORMATS.group: Kind(NetworkFormatCase, [*LOADING, *EXPORTING]),
    NETWORKS.group: Kind(Case, [*LOADING]),
}
