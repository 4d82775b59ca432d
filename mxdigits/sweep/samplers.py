"""How the values of a trial are chosen, in any process, and when a trial is stopped early.

The random numbers of a trial follow from the recipe's seed and the trial's number. If each process
had its own random state, several processes with one seed would try the same values, and so would a
process that is started again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Callable, Optional

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.pruners import BasePruner, MedianPruner, NopPruner, SuccessiveHalvingPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from .grid import grid_points
from .plan import Plan
from .ranges import Plain, Range, Span

_SamplerOf = Callable[[int], BaseSampler]


class SeededByTrial(BaseSampler):
    """A sampler that is made anew for each trial, with the trial's own seed.

    >>> sampler = SeededByTrial(lambda seed: RandomSampler(seed=seed), seed=42)
    """

    def __init__(self, make: _SamplerOf, seed: int):
        self._make = make
        self._seed = seed
        self._sampler = make(seed)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        mixed = np.random.SeedSequence([self._seed, trial.number])
        self._sampler = self._make(int(mixed.generate_state(1)[0]))
        self._sampler.before_trial(study, trial)

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        space: dict[str, BaseDistribution]
        space = self._sampler.infer_relative_search_space(study, trial)
        return space

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Plain]:
        drawn: dict[str, Plain] = self._sampler.sample_relative(study, trial, search_space)
        return drawn

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Plain:
        drawn: Plain
        drawn = self._sampler.sample_independent(study, trial, param_name, param_distribution)
        return drawn

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Optional[Sequence[float]],
    ) -> None:
        self._sampler.after_trial(study, trial, state, values)


class Grid(BaseSampler):
    """Gives each trial a combination of values that no other has.

    Optuna's own sampler may give one combination to two processes that ask at once, or leave one
    out after a process was killed; :func:`~mxdigits.sweep.study.claim` asks this one again.

    >>> sampler = Grid([{"epochs": 1}, {"epochs": 2}], taken=lambda study: [{"epochs": 1}])
    """

    def __init__(
        self,
        points: Sequence[Mapping[str, Plain]],
        taken: Callable[[Study], Sequence[Mapping[str, Plain]]],
    ):
        self._points = points
        self._taken = taken
        self._point: Mapping[str, Plain] = points[0]

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        taken = self._taken(study)
        free = [point for point in self._points if point not in taken] or self._points
        # Processes that ask at the same time take different combinations.
        self._point = free[trial.number % len(free)]

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Plain]:
        return {}

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Plain:
        return self._point[param_name]


def make_sampler(
    plan: Plan, taken: Callable[[Study], Sequence[Mapping[str, Plain]]]
) -> BaseSampler:
    """Make the sampler that a plan names; ``taken`` returns the values of all existing trials.

    >>> make_sampler(plan, taken)  # doctest: +SKIP
    """
    if plan.sampler == "grid":
        return Grid(grid_points(plan.space), taken)
    if plan.sampler == "random":
        return SeededByTrial(lambda seed: RandomSampler(seed=seed), plan.base.seed)
    # Running trials count as poor ones, so that other trials try different values.
    tpe: _SamplerOf = lambda seed: TPESampler(seed=seed, constant_liar=True)  # noqa: E731
    return SeededByTrial(tpe, plan.base.seed)


def make_pruner(plan: Plan) -> BasePruner:
    """Make the pruner that a plan names; it compares accuracies after the same number of epochs.

    >>> from mxdigits.sweep.plan import make_plan
    >>> type(make_pruner(make_plan("mlp", ["validation=5000", "epochs=1..3"]))).__name__
    'MedianPruner'
    """
    if plan.pruner == "median":
        return MedianPruner()
    if plan.pruner == "asha":
        return SuccessiveHalvingPruner()
    return NopPruner()


def distributions(space: Sequence[Range]) -> dict[str, BaseDistribution]:
    """Return the ranges as Optuna's distributions.

    >>> from mxdigits.sweep.ranges import read_range
    >>> distributions([read_range("epochs=1..3")])
    {'epochs': IntDistribution(high=3, log=False, low=1, step=1)}
    """
    return {each.key: _distribution(each) for each in space}


def _distribution(tried: Range) -> BaseDistribution:
    if not isinstance(tried, Span):
        return CategoricalDistribution(tried.points)
    if tried.whole:
        return IntDistribution(int(tried.low), int(tried.high), log=tried.log)
    return FloatDistribution(tried.low, tried.high, log=tried.log)
