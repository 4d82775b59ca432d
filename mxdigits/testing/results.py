"""Checks and their results: what was expected, what came, and how to correct it.

A check is a function that takes a case. Reports show its name, and the first line of its docstring
as what it expects. It returns a fact worth reporting or None, or raises :class:`Broken` or
:class:`NotApplicable`.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Callable, Optional

from ..foreign import describe, text_of, type_name

Check = Callable[[Any], Optional[str]]

PASSED, FAILED, SKIPPED, NOT_REACHED = "passed", "failed", "skipped", "not reached"


class Broken(Exception):
    """A check has failed.

    >>> broken = Broken("float64 of shape (3,)", "write images.astype(np.uint8)")
    >>> broken.got, broken.mend
    ('float64 of shape (3,)', 'write images.astype(np.uint8)')
    """

    def __init__(self, got: str, mend: str):
        super().__init__(got)
        self.got, self.mend = got, mend


class NotApplicable(Exception):
    """A check does not apply to this plugin, for the given reason.

    >>> str(NotApplicable("it names no files"))
    'it names no files'
    """


@dataclass(frozen=True)
class Result:
    """The result of one check; ``got`` is the reason if it was skipped or not reached.

    >>> print(Result("loads", PASSED, "The entry point loads", "in 0.01 s"))
    passed   loads: in 0.01 s
    """

    check: str
    state: str
    expected: str
    got: str = ""
    mend: str = ""

    def __str__(self) -> str:
        line = f"{self.state:<8} {self.check}"
        if self.state != FAILED:
            return f"{line}: {self.got}" if self.got else line
        return "\n".join(
            [
                line,
                f"         expected  {self.expected}",
                f"         got       {self.got}",
                f"         mend      {self.mend}",
            ]
        )


@dataclass(frozen=True)
class Report:
    """The results of all checks of one plugin; ``figures`` are measurements by name.

    >>> result = Result("loads", PASSED, "The entry point loads", "in 0.01 s")
    >>> report = Report("model tiny", "mxdigits-tiny 0.1", (result,), {"load_seconds": 0.01})
    >>> print(report)
    model tiny (mxdigits-tiny 0.1)
    passed   loads: in 0.01 s
    1 passed
    """

    subject: str
    owner: str
    results: tuple[Result, ...]
    figures: Mapping[str, float]

    @property
    def failed(self) -> tuple[str, ...]:
        """The names of the checks that failed."""
        return tuple(result.check for result in self.results if result.state == FAILED)

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return not self.failed

    @property
    def reached(self) -> bool:
        """Whether no check was left out because an earlier one failed."""
        return not any(result.state == NOT_REACHED for result in self.results)

    def __str__(self) -> str:
        counts = [
            f"{count} {state}"
            for state in (PASSED, FAILED, SKIPPED, NOT_REACHED)
            if (count := sum(result.state == state for result in self.results))
        ]
        shown = [str(result) for result in self.results if result.state != NOT_REACHED]
        return "\n".join([f"{self.subject} ({self.owner})", *shown, ", ".join(counts)])

    def as_dict(self) -> dict[str, object]:
        """Plain values, for JSON."""
        return {
            "subject": self.subject,
            "owner": self.owner,
            "passed": self.passed,
            "figures": dict(self.figures),
            "checks": [asdict(result) for result in self.results],
        }


def vital(check: Check) -> Check:
    """Mark a check as vital: if it fails, the checks after it would say nothing useful.

    >>> @vital
    ... def reads(case):
    ...     '''The factory returns without an error.'''
    >>> reads.vital
    True
    """
    check.vital = True  # type: ignore[attr-defined]
    return check


def expectation(check: Check) -> str:
    """What a check expects, in a sentence.

    >>> def reads(case):
    ...     '''The factory returns without an error.'''
    >>> expectation(reads)
    'The factory returns without an error'
    """
    return (check.__doc__ or check.__name__).partition("\n")[0].rstrip(".")


def run_checks(checks: Sequence[Check], case: object) -> Iterator[Result]:
    """The result of each check in turn; after a vital check that did not pass, none is tried.

    >>> def is_even(case):
    ...     '''The number is even.'''
    ...     if case % 2:
    ...         raise Broken(str(case), "add 1")
    >>> [result.state for result in run_checks([is_even], 3)]
    ['failed']
    """
    stopped_by = ""
    for check in checks:
        name, expected = check.__name__, expectation(check)
        if stopped_by:
            yield Result(name, NOT_REACHED, expected, stopped_by)
            continue
        result = _run(check, case, name, expected)
        if result.state != PASSED and getattr(check, "vital", False):
            stopped_by = f"{name} {result.state}"
        yield result


def _run(check: Check, case: object, name: str, expected: str) -> Result:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a test suite may turn warnings into errors
            return Result(name, PASSED, expected, check(case) or "")
    except Broken as broken:
        return Result(name, FAILED, expected, broken.got, broken.mend)
    except NotApplicable as reason:
        return Result(name, SKIPPED, expected, str(reason))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return Result(name, FAILED, expected, _said(error), "make this work without an error")


def _said(error: BaseException) -> str:
    """An error in one line; MXNet's errors have many lines, and the last says what is wrong."""
    lines = [line.strip() for line in text_of(error).splitlines() if line.strip()]
    return describe(error) if len(lines) < 2 else f"{type_name(error)}: {lines[-1]}"
