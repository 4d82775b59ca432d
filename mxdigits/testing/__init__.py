"""The conformance kit: the tests of a plugin use it to check that the plugin keeps its contract.

    from mxdigits.testing import check_model

    def test_the_model_keeps_the_contract():
        check_model("tiny")

``mxdigits plugins check`` runs the same checks; docs/plugins.md lists them. ``kinds.py`` says which
checks each kind of plugin must pass. The checks stand in ``loading.py`` (every plugin),
``model_building.py`` and ``model_passes.py``, ``datasets.py``, ``augmentations.py``,
``callbacks.py``, ``formats.py`` and ``network_formats.py``; ``case.py`` has what several of these
ask of a plugin, and ``results.py`` runs them.

Words:

- check: a function that takes a case and raises if the plugin breaks the contract.
- case: one plugin to be checked, with its options and its claims.
- claim: what a plugin says of itself, such as the image shapes that its model takes.
- vital: if a vital check fails, the checks after it are not tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ..plugins.entry import Entry
from ..plugins.registry import DATASETS, MODELS, Registry
from ..values import Options
from .results import Report, run_checks

__all__ = ["Report", "check_dataset", "check_model", "check_plugin", "examine"]


def check_model(
    name: str,
    options: Optional[Options] = None,
    *,
    image_shapes: Optional[Sequence[tuple[int, int, int]]] = None,
) -> Report:
    """Assert that a registered model keeps the contract.

    Args:
        name: of the model.
        options: its own options.
        image_shapes: all shapes (C, H, W) that it must take; most checks use the first. By default
            the attribute ``image_shapes`` of its factory, or only (1, 28, 28).

    Returns:
        The results of all checks, with build time and number of parameters.

    Raises:
        AssertionError: if a check fails; says what was expected, what came and how to mend it.
        UsageError: for an unknown name.

    >>> report = check_model("mlp", {"hidden": [32]}, image_shapes=[(1, 28, 28)])  # doctest: +SKIP
    >>> report.figures["parameters"]  # doctest: +SKIP
    """
    claims = {} if image_shapes is None else {"image_shapes": tuple(image_shapes)}
    return check_plugin(MODELS, name, options, **claims)


def check_dataset(
    name: str,
    options: Optional[Options] = None,
    *,
    sizes: Optional[tuple[int, int]] = None,
) -> Report:
    """Assert that a registered data set keeps the contract.

    Args:
        name: of the data set.
        options: its own options.
        sizes: the numbers of training and test images that it must have; by default the attribute
            ``sizes`` of its factory.

    Returns:
        The results of all checks, with the reading time.

    Raises:
        AssertionError: if a check fails; says what was expected, what came and how to mend it.
        UsageError: for an unknown name.

    >>> check_dataset("mnist", sizes=(60_000, 10_000)).passed  # doctest: +SKIP
    """
    claims = {} if sizes is None else {"sizes": sizes}
    return check_plugin(DATASETS, name, options, **claims)


def check_plugin(
    registry: Registry, name: str, options: Optional[Options] = None, **claims: object
) -> Report:
    """Assert that the plugin that a registry holds under a name keeps the contract of its kind.

    Raises:
        AssertionError: if a check fails; says what was expected, what came and how to mend it.
        UsageError: for an unknown name.

    >>> from mxdigits.registry import EXPORTERS
    >>> check_plugin(EXPORTERS, "csv").passed  # doctest: +SKIP
    """
    report = examine(registry, registry.entry(name), options or {}, **claims)
    if not report.passed or not report.reached:
        raise AssertionError(str(report))
    return report


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
    # Only here: the process that loads a plugin alone imports this package, and none of them.
    from .kinds import KINDS

    kind = KINDS[registry.group]
    case = kind.make_case(registry, entry, options, **claims)
    results = tuple(run_checks(kind.checks, case))
    return Report(f"{registry.noun} {entry.name}", str(entry), results, case.figures)
