"""Finds a learning rate for a recipe, without a run; nothing is written."""

from __future__ import annotations

from dataclasses import replace

from ...recipe.schema import Recipe
from ...signals import stoppable
from ...train.range_test import RateCurve, RateRange, range_test
from ...wording import Say, say_nothing
from ..preparation.named_runs import with_runs_found
from ..preparation.prepare import prepare

# The factor for a schedule whose rate is a peak. docs/recipes.md says how good it is.
_PEAK = 3.0


def find_rate(recipe: Recipe, over: RateRange, say: Say = say_nothing) -> RateCurve:
    """The loss at rising rates, with the network, the data and the optimizer of a recipe.

    Only training images are used: neither held-out images nor the test set.

    Args:
        recipe: a recipe; its learning rate has no effect. For the schedule ``one_cycle``, whose
            rate is a peak, three times the rate is proposed.
        over: the rates to try.
        say: told what a user should know, such as the device that is used.

    Raises:
        Interrupted: after SIGINT, SIGTERM or SIGHUP.
        Diverged: if the loss was not finite even at the lowest rates.
        MxdigitsError: for anything else that the user can mend.

    >>> curve = find_rate(Recipe.load("mlp"), RateRange(steps=100))
    >>> 0.01 < curve.proposed < 1
    True
    """
    with stoppable() as stopper:
        stopper.meanwhile = "before the range test was over; it keeps nothing"
        recipe = with_runs_found(recipe, say).with_full_paths()
        prepared = prepare(recipe, (), say)
        trainer = prepared.trainer((), say)
        curve = range_test(trainer, prepared.train, recipe.data.batch_size, over)
        return replace(curve, scale=_PEAK if recipe.schedule.name == "one_cycle" else 1.0)


def rate_in_words(curve: RateCurve) -> str:
    """What a curve shows, in a sentence or two.

    >>> import numpy as np
    >>> losses = np.array([2.3] * 20 + [1.5] * 20 + [0.5] * 20 + [9.0] * 20)
    >>> print(rate_in_words(RateCurve(np.geomspace(1e-4, 1, 80), losses)))
    The loss falls the fastest at 0.011 and is lowest at 0.017; above, it grows.
    """
    low, high = curve.rates[0], curve.rates[-1]
    if not curve.fell:
        return (
            f"From {low:.2g} to {high:.2g} the loss does not fall, so no rate is proposed. "
            "Try a wider range, or more steps."
        )
    falls = f"The loss falls the fastest at {curve.steepest:.2g}"
    peak = ""
    if curve.scale != 1:
        peak = (
            f" The rate of a cycle is its peak: {curve.scale:g} times the rate midway is proposed."
        )
    if curve.rises_after:
        return f"{falls} and is lowest at {curve.least:.2g}; above, it grows.{peak}"
    return f"{falls}; up to {high:.2g} it does not grow, so a wider range may say more.{peak}"
