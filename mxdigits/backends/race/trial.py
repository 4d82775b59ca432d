"""A process that measures one backend.

It answers twice, each time with a line of JSON: when it has found its device, and when it has done
a little of the work that it was given. Its input is pickled, but only by its own parent.
"""

from __future__ import annotations

import json
import os
import pickle
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from ...errors import MxdigitsError
from ...foreign import describe
from ...values import Unchecked
from ...wording import duration
from ..choose import choose_devices
from ..context import ContextSpec, parse_context
from ..cpus import CpuTime

_MOST_LINE = 4000  # bytes, which a pipe transfers in one piece


@dataclass(frozen=True)
class Requirements:
    """What a backend must have: a device, as written in a recipe, and a precision.

    Example:
        >>> Requirements("cpu").precision
        'float32'
    """

    context: ContextSpec
    precision: str = "float32"
    predicting: bool = False


class TrialFailed(Exception):
    """A backend cannot do the work, or takes too long for it; the text says which.

    Example:
        >>> str(TrialFailed("it has no bfloat16", late=False))
        'it has no bfloat16'
    """

    def __init__(self, why: str, *, late: bool):
        super().__init__(why)
        self.late = late


class Trial:
    """The parent's side of a backend's process.

    Example:
        >>> with started("mxnet", Requirements("cpu")) as trial:  # doctest: +SKIP
        ...     trial.answer(5.0)["preference"]
        0
    """

    def __init__(self, backend: str, process: subprocess.Popen[bytes]):
        self.backend, self._process = backend, process

    def answer(self, seconds: float) -> dict[str, Unchecked]:
        """The next answer, if it comes within some seconds.

        Raises:
            TrialFailed: if no answer comes, or the answer is that the backend cannot do the work.
        """
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], max(seconds, 0))[0]:
            raise TrialFailed(f"it was not ready within {duration(max(seconds, 0))}", late=True)
        line = self._process.stdout.readline()
        if not line:
            raise TrialFailed("its process ended", late=False)
        found: dict[str, Unchecked] = json.loads(line)
        if "problem" in found:
            raise TrialFailed(str(found["problem"]), late=False)
        return found

    @property
    def cpu_time(self) -> CpuTime:
        """The CPU time of its process so far."""
        return CpuTime.of(self._process.pid)

    def give(self, work: bytes) -> None:
        """Give the process the pickled work.

        Raises:
            TrialFailed: if the process has ended.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(work)
            self._process.stdin.flush()
        except OSError:
            raise TrialFailed("its process ended", late=False) from None


@contextmanager
def started(backend: str, wanted: Requirements) -> Iterator[Trial]:
    """Start a process that begins to import a backend; it ends with the ``with`` block.

    Example:
        >>> with started("mxnet", Requirements("cpu")) as trial:  # doctest: +SKIP
        ...     trial.give(pickle.dumps(work))
    """
    code = f"import sys; sys.path[:] = {sys.path!r}; from {__name__} import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, backend],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        close_fds=False,  # else Python 3.9 would fork, and MXNet stop its engine for that
    )
    trial = Trial(backend, process)
    try:
        trial.give(pickle.dumps(wanted))
        yield trial
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def main() -> None:
    """The process's main function: run a trial until both answers are given.

    Example:
        >>> main()  # doctest: +SKIP
    """
    backend, requests = sys.argv[1], sys.stdin.buffer
    answers = os.dup(1)
    os.dup2(2, 1)  # keeps libraries' output apart from answers
    try:
        wanted: Requirements = pickle.load(requests)
        choice = choose_devices(
            wanted.context, backend, precision=wanted.precision, predicting=wanted.predicting
        )
        preferences: Sequence[object] = parse_context(wanted.context)
        start = time.process_time()
        _say(answers, {"preference": preferences.index(choice.devices), "start": start})
        figure = pickle.load(requests).measure(backend, choice.contexts)
        _say(answers, {**asdict(figure), "start": start})
    except MxdigitsError as error:
        _say(answers, {"problem": str(error)})
    except Exception as error:  # a library's error
        _say(answers, {"problem": describe(error)})
    requests.read()  # stays alive until the parent has read its CPU time, and kills it


def _say(answers: int, found: Mapping[str, object]) -> None:
    line = json.dumps(found)
    if len(line) > _MOST_LINE:  # only errors' messages are so long
        line = json.dumps({"problem": str(found.get("problem"))[: _MOST_LINE // 8]})
    os.write(answers, line.encode("ascii") + b"\n")
