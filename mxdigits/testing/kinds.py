"""The checks that a plugin of each kind must pass; a new kind needs a line in ``KINDS``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

from ..plugins.entry import Entry
from ..plugins.registry import (
    AUGMENTATIONS,
    CALLBACKS,
    DATASETS,
    EXPORTERS,
    MODELS,
    NETWORK_FORMATS,
    NETWORKS,
    Registry,
)
from ..values import Options
from .augmentations import AUGMENTING
from .callbacks import CALLING, CallbackCase
from .datasets import READING, DatasetCase
from .formats import WRITING
from .loading import LOADING, Case
from .model_building import BUILDING
from .model_case import ModelCase
from .model_passes import PASSES
from .network_formats import EXPORTING, NetworkFormatCase
from .results import Check, Report, run_checks


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


def examine(registry: Registry, entry: Entry, options: Options, **claims: object) -> Report:
    """Run every check of a kind on one plugin.

    Args:
        registry: the registry that holds it.
        entry: the entry of the plugin.
        options: its own options.
        claims: what the caller claims of it, for the kinds that take claims.

    >>> report = examine(MODELS, MODELS.entry("mlp"), {})  # doctest: +SKIP
    >>> report.passed  # doctest: +SKIP
    """
    kind = KINDS[registry.group]
    case = kind.make_case(registry, entry, options, **claims)
    results = tuple(run_checks(kind.checks, case))
    return Report(f"{registry.noun} {entry.name}", str(entry), results, case.figures)
