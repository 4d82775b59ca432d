"""Whether something is missing that makes every trial of a search fail."""

from __future__ import annotations

from ..errors import BackendMissing, ContextError, DataError, PluginError, SetupError
from ..plugins.registry import AUGMENTATIONS, CALLBACKS, MODELS
from ..recipe.sections import DataOptions
from .plan import Plan

# Keys that decide whether a backend is available, and whether data are.
_OF_BACKEND = ("backend", "context", "precision", "model.name")
_OF_DATA = ("data",)
_OF_ANY = (*_OF_BACKEND, *_OF_DATA, "model", "augmentation", "callbacks", "init", "teacher")

# Keys that say how a data set is used, not which one it is.
_OF_TRAINING = frozenset(f"data.{key}" for key in DataOptions.model_fields)


def meets_all(error: SetupError, plan: Plan) -> bool:
    """Whether an error of a trial before its training would happen in every other trial too.

    It would not if the tried values may decide it, such as another model or another option of the
    data set.

    Args:
        error: of a trial, before its run had a folder.
        plan: what is searched.

    >>> from mxdigits.sweep.plan import make_plan
    >>> plan = make_plan("mlp", ["validation=5000", "optimizer.learning_rate=log(1e-3,1)"])
    >>> meets_all(DataError("digits.npz: no such file"), plan)
    True
    >>> plan = make_plan("mlp", ["validation=5000", "backend=[mxnet, xla]"])
    >>> meets_all(BackendMissing("JAX is not installed"), plan)
    False
    """
    decisive: tuple[str, ...] = _OF_ANY
    if isinstance(error, (BackendMissing, ContextError)):
        decisive = _OF_BACKEND
    elif isinstance(error, DataError):
        decisive = _OF_DATA
    tried = {each.key for each in plan.space} - _OF_TRAINING
    if not any(_lies_in(key, section) for key in tried for section in decisive):
        return True
    return isinstance(error, PluginError) and _cannot_be_loaded(plan, tried)


def _lies_in(key: str, section: str) -> bool:
    """Whether one of two keys contains the other."""
    return key == section or key.startswith(f"{section}.") or section.startswith(f"{key}.")


def _cannot_be_loaded(plan: Plan, tried: set[str]) -> bool:
    """Whether a plugin that all trials have cannot be loaded, whatever its options are."""
    base = plan.base
    named = {
        "model": (MODELS, [base.model]),
        "augmentation": (AUGMENTATIONS, base.augmentation),
        "callbacks": (CALLBACKS, base.callbacks),
    }
    for section, (registry, chosen) in named.items():
        if tried & {section, f"{section}.name"}:
            continue
        for each in chosen:
            try:
                registry.get(each.name)
            except SetupError:
                return True
    return False
