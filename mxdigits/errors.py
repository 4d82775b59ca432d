"""Errors written for people, and the exit code that each one means.

Everything that a user can mend derives from :class:`MxdigitsError`.  The message says what is
wrong, where, and what to write instead; the command line prints it without a traceback and exits
with ``exit_code``.  Anything else that is raised is a fault of mxdigits or of a plugin.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager


class MxdigitsError(Exception):
    """Something a user can mend; ``exit_code`` is what the command line exits with."""

    exit_code = 1

    @property
    def lines(self) -> list[str]:
        """One line for each thing that is wrong."""
        return [str(self)]


class RunFailed(MxdigitsError):
    """A run started and could not be finished."""


class Diverged(RunFailed):
    """The loss or a weight stopped being a finite number.

    ``what`` says which and how; ``epoch`` and ``batch`` count from 0.
    """

    def __init__(self, what: str, epoch: int, batch: int, kept: str = ""):
        super().__init__(
            f"{what} at epoch {epoch}, batch {batch}: "
            f"try a smaller learning_rate{kept and '; '}{kept}"
        )
        self.what, self.epoch, self.batch = what, epoch, batch

    def keeping(self, kept: str) -> Diverged:
        """The same error, saying what was saved."""
        return Diverged(self.what, self.epoch, self.batch, kept)


class UsageError(MxdigitsError):
    """The request itself is wrong: an argument, a name or an option."""

    exit_code = 2


class RecipeError(UsageError):
    """One or more mistakes in a recipe, all of them at once."""

    def __init__(self, problems: Sequence[str]):
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)

    @property
    def lines(self) -> list[str]:
        return list(self.problems)


class InputsMissing(UsageError):
    """One or more inputs that are not there, all of them at once."""

    def __init__(self, problems: Sequence[str]):
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)

    @property
    def lines(self) -> list[str]:
        return list(self.problems)


class SetupError(MxdigitsError):
    """This machine lacks something that the request needs."""

    exit_code = 3


class BackendMissing(SetupError):
    """A library that executes networks is not installed, or does not start."""


class MXNetMissing(BackendMissing):
    """MXNet is not installed, or does not start."""


class ContextError(SetupError):
    """A device was asked for that is not there."""


class ProcessNotStarted(SetupError):
    """The system does not start a process that mxdigits needs."""


class PluginError(SetupError):
    """A plugin cannot be loaded, or breaks its contract."""


class NetworkError(SetupError):
    """A network cannot be run by the backend that was chosen; a line for each reason."""

    def __init__(self, problems: Sequence[str]):
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)

    @property
    def lines(self) -> list[str]:
        return list(self.problems)


class DataError(SetupError):
    """A data set is missing, damaged or contradicts itself."""


class PicturesRefused(DataError):
    """Pictures of a data set that cannot be used: the first fifty by name, and how many."""

    def __init__(self, where: str, problems: Sequence[str]):
        count, self.problems = len(problems), tuple(problems[:50])
        what = "1 picture" if count == 1 else f"{count} pictures"
        unnamed = f"; {count - 50} of them are not named here" * (count > 50)
        self._lines = [*self.problems, f"{where}: {what} cannot be used{unnamed}"]
        super().__init__("\n".join(self._lines))

    @property
    def lines(self) -> list[str]:
        return self._lines


class PicturesUnread(DataError):
    """Some pictures could not be read; the others are done."""

    def __init__(self, problems: Sequence[str]):
        what = "1 picture" if len(problems) == 1 else f"{len(problems)} pictures"
        super().__init__(f"{what} could not be read; all others are done")
        self.problems = tuple(problems)

    @property
    def lines(self) -> list[str]:
        return [*self.problems, str(self)]


class RunFolderError(SetupError):
    """A run folder is missing, incomplete or damaged."""


class CheckpointError(SetupError):
    """A checkpoint is missing, damaged or of another run."""


class OutputError(SetupError):
    """A file cannot be written where it was asked for."""


class FolderInUse(OutputError):
    """Another process, or another thread, is writing to the run folder."""


class AccuracyMissed(MxdigitsError):
    """The run is done, and its accuracy is below the one demanded."""

    exit_code = 4


class Interrupted(MxdigitsError):
    """A signal stopped the run; what it had done is saved.

    ``exit_code`` is what shells use for the signal: 130 for SIGINT, 143 for SIGTERM and 129 for
    SIGHUP.
    """

    exit_code = 130

    def __init__(self, message: str, exit_code: int = 130):
        super().__init__(message)
        self.exit_code = exit_code


def text_of(error: BaseException) -> str:
    """What an exception says; also of a plugin's that cannot say it."""
    try:
        return str(error)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return f"{type(error).__name__}, which cannot be shown"


def install_command(extra: str) -> str:
    """The command that installs what an extra of mxdigits needs.

    It names the packages, not mxdigits: so it is right wherever mxdigits was installed from.

    >>> install_command("report")
    "pip install 'matplotlib>=3.7'"
    """
    import shlex
    from importlib.metadata import PackageNotFoundError, requires

    from packaging.requirements import Requirement

    try:
        required = [Requirement(text) for text in requires("mxdigits") or ()]
    except PackageNotFoundError:  # run from its source, without being installed
        required = []
    needed = [
        # With the extras that it has itself, without the marker.
        shlex.quote(str(each).partition(";")[0].strip())
        for each in required
        if each.marker is not None
        and each.marker.evaluate({"extra": extra})
        and not each.marker.evaluate({"extra": ""})
    ]
    return f"pip install {' '.join(needed) or shlex.quote(f'mxdigits[{extra}]')}"


def describe(error: BaseException) -> str:
    """An exception in one line."""
    text = " ".join(text_of(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


@contextmanager
def naming(
    what: str, passing: tuple[type[BaseException], ...] = (MxdigitsError,)
) -> Iterator[None]:
    """Make a :class:`PluginError` that begins with ``what`` of all that a plugin raises in here.

    It may be any BaseException; what is ``passing`` stays as it is, and so does Ctrl-C.

    Raises:
        PluginError: the cause is chained.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise
    except passing:
        raise
    except BaseException as error:
        raise PluginError(f"{what}: {describe(error)}") from error
