"""Mistakes in a recipe that concern several keys: each is valid, but they do not go together."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from ..backends.context import parse_backend, precision_problem
from ..backends.mxnet.names import DCASGD_MOMENTUM
from .problems import Problem
from .sections import DATA, EPOCHS, DataOptions


def combination_problems(recipe: Mapping[str, object]) -> list[Problem]:
    """Problems of keys that do not go together; the plain values may hold any other mistake too.

    >>> combination_problems({"epochs": 3, "swa": 5})
    [(('swa',), 'must be at most epochs (3), got 5')]
    """
    return [
        *_precision_problems(recipe),
        *_accumulate_problems(recipe),
        *_swa_problems(recipe),
        *_optimizer_problems(recipe),
    ]


def _precision_problems(recipe: Mapping[str, object]) -> list[Problem]:
    """A precision that none of the chosen backends has."""
    precision = recipe.get("precision")
    with suppress(ValueError):
        backends = parse_backend(recipe.get("backend", "auto"))
        if isinstance(precision, str) and (what := precision_problem(backends, precision)):
            return [(("precision",), what)]
    return []


def _accumulate_problems(recipe: Mapping[str, object]) -> list[Problem]:
    """A batch that is divided into more parts than it has images."""
    parts, data = recipe.get("accumulate"), recipe.get("data")
    size = data.get("batch_size") if isinstance(data, Mapping) else None
    size = DataOptions(name=DATA).batch_size if size is None else size
    if isinstance(parts, int) and isinstance(size, int) and parts > size > 0:
        return [(("accumulate",), f"must be at most data.batch_size ({size}), got {parts}")]
    return []


def _swa_problems(recipe: Mapping[str, object]) -> list[Problem]:
    """Keys that do not go with ``swa``, the mean of the weights after the last epochs."""
    averaged, epochs = recipe.get("swa"), recipe.get("epochs", EPOCHS)
    if averaged is None:
        return []
    problems: list[Problem] = []
    if isinstance(averaged, int) and isinstance(epochs, int) and averaged > epochs > 0:
        problems.append((("swa",), f"must be at most epochs ({epochs}), got {averaged}"))
    if recipe.get("ema") is not None:
        problems.append(
            (("swa",), "cannot be combined with ema: a run ends with one of the two; leave one out")
        )
    callbacks = recipe.get("callbacks")
    for i, each in enumerate(callbacks if isinstance(callbacks, (list, tuple)) else [callbacks]):
        chosen = each if isinstance(each, Mapping) else {"name": each}
        name, restores = chosen.get("name"), chosen.get("restore_best", True)
        what = "ends a run with the weights of one epoch, and swa with a mean"
        if name == "best_weights":
            problems.append((("callbacks", i), f"{what}; leave one of them out"))
        elif name == "early_stopping" and restores:
            problems.append((("callbacks", i), f"{what}; write restore_best: false"))
    return problems


def _optimizer_problems(recipe: Mapping[str, object]) -> list[Problem]:
    """An option that an MXNet optimizer accepts but fails with."""
    chosen = recipe.get("optimizer")
    if isinstance(chosen, Mapping) and chosen.get("name") == "dcasgd" and chosen.get("momentum"):
        return [(("optimizer", "momentum"), DCASGD_MOMENTUM)]
    return []
