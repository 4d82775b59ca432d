"""Measures where the time of a training step goes, by operator, without a run."""

from __future__ import annotations

from dataclasses import dataclass
from pkgutil import resolve_name
from statistics import median
from typing import Callable

from ...backends.choose import BACKENDS
from ...backends.profiling import Measured, OperatorTime, Work
from ...errors import UsageError
from ...recipe.schema import Recipe
from ...signals import stoppable
from ...wording import Say, say_nothing
from ..preparation.named_runs import with_runs_found
from ..preparation.prepare import prepare

_EPOCHS = 3  # epochs that are timed; the median counts
_SHOWN = 0.005  # least share of the time of all operators for a row of its own


@dataclass(frozen=True)
class StepProfile:
    """The seconds of a whole step, and, measured separately, of its operators.

    >>> from mxdigits.backends.profiling import OperatorTime
    >>> step = StepProfile(0.02, 100, Measured([OperatorTime("Convolution", 2, 0.01)], "..."))
    >>> step.rows()
    [['Convolution', '2', '10.000', '100.0 %']]
    """

    seconds: float
    batch_size: int
    measured: Measured

    @property
    def sum(self) -> float:
        """The seconds of all operators."""
        return sum(each.seconds for each in self.measured.operators)

    def rows(self) -> list[list[str]]:
        """A table: operator, calls a step, milliseconds a step, share of all operators.

        Operators of less than half a per cent share the last row.
        """
        least = _SHOWN * self.sum
        shown = [each for each in self.measured.operators if each.seconds >= least]
        others = [each for each in self.measured.operators if each.seconds < least]
        if len(others) > 1:
            calls = sum(each.calls for each in others)
            seconds = sum(each.seconds for each in others)
            shown.append(OperatorTime(f"{len(others)} others", calls, seconds))
        else:
            shown += others
        return [self._row(each) for each in shown]

    def _row(self, each: OperatorTime) -> list[str]:
        share = f"{100 * each.seconds / self.sum:.1f} %" if self.sum else "-"
        return [each.name, f"{each.calls:.3g}", f"{1000 * each.seconds:.3f}", share]

    def sentences(self) -> list[str]:
        """Sentences about what was measured, and how."""
        rate = self.batch_size / self.seconds if self.seconds else 0.0
        return [
            f"a step of {self.batch_size} images takes {1000 * self.seconds:.3f} ms in a training "
            f"({rate:,.0f} images/s); its operators take {1000 * self.sum:.3f} ms as they were "
            "measured",
            f"how the operators were measured: {self.measured.how}",
        ]


def profile_recipe(recipe: Recipe, steps: int, say: Say = say_nothing) -> StepProfile:
    """Measure the training steps of a recipe, on its backend and device.

    Args:
        recipe: what to train.
        steps: the number of full batches to train on, which is repeated several times.
        say: told what a user should know, such as the device that is used.

    Raises:
        UsageError: if there are too few images for that, or no steps.
        Interrupted: after SIGINT, SIGTERM or SIGHUP.
        MxdigitsError: for anything else that the user can mend.

    >>> print(profile_recipe(Recipe.load("mlp"), steps=20).measured.how)  # doctest: +SKIP
    """
    if steps < 1:
        raise UsageError(f"--steps {steps}: must be at least 1")
    with stoppable() as stopper:
        stopper.meanwhile = "before the steps were measured; nothing is kept of them"
        recipe = with_runs_found(recipe, say).with_full_paths()
        prepared = prepare(recipe, (), say)
        size = recipe.data.batch_size
        if steps * size > len(prepared.train):
            raise UsageError(
                f"--steps {steps}: the {len(prepared.train)} images to train on make only "
                f"{len(prepared.train) // size} full batches of {size}"
            )
        trainer = prepared.trainer((), say)
        split = prepared.train[: steps * size]
        work = Work(trainer.backend, prepared.choice.contexts, split.images, split.labels, size)
        fit = work.begin()
        seconds = median(work.train(fit).seconds for _ in range(_EPOCHS)) / steps
        named = BACKENDS[prepared.choice.backend].profile
        assert named is not None, "every backend that trains has one"
        profile: Callable[[Work], Measured] = resolve_name(named)
        return StepProfile(seconds, size, profile(work))
