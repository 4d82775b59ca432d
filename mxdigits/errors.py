"""Errors written for people, and the exit code that each one means.

Everything that a user can mend derives from :class:`MxdigitsError`.  The message says what is
wrong, where, and what to write instead; the command line prints it without a traceback and exits
with ``exit_code``.  Anything else that is raised is a fault of mxdigits or of a plugin.
"""

from __future__ import annotations

from collections.abc import Sequence


class MxdigitsError(Exception):
    """Something a user can mend; ``exit_code`` is what the command line exits with.

    Example:
        >>> try:
        ...     raise DataError("digits.npz: no such file")
        ... except MxdigitsError as error:
        ...     print(error.lines, error.exit_code)
        ['digits.npz: no such file'] 3
    """

    exit_code = 1

    @property
    def lines(self) -> list[str]:
        """One line for each thing that is wrong."""
        return [str(self)]


class Problems(MxdigitsError):
    """Several problems in one error: ``problems`` has a line for each.

    Example:
        >>> RecipeError(["epochs: must be at least 1", "seed: must be a whole number"]).lines
        ['epochs: must be at least 1', 'seed: must be a whole number']
    """

    def __init__(self, problems: Sequence[str], summary: str = ""):
        self.problems = tuple(problems)
        self._summary = summary
        super().__init__("\n".join(self.lines))

    @property
    def lines(self) -> list[str]:
        """The problems, and after them the summary if there is one."""
        return [*self.problems, *[self._summary] * bool(self._summary)]


class RunFailed(MxdigitsError):
    """A run started and could not be finished.

    Example:
        >>> RunFailed("the loss is nan").exit_code
        1
    """


class Diverged(RunFailed):
    """The loss or a weight stopped being a finite number.

    ``what`` says which and how; ``epoch`` and ``batch`` count from 0.

    Example:
        >>> print(Diverged("the loss became nan", epoch=0, batch=12))
        the loss became nan at epoch 0, batch 12: try a smaller learning_rate
    """

    def __init__(self, what: str, epoch: int, batch: int, kept: str = ""):
        super().__init__(
            f"{what} at epoch {epoch}, batch {batch}: "
            f"try a smaller learning_rate{kept and '; '}{kept}"
        )
        self.what, self.epoch, self.batch = what, epoch, batch

    def keeping(self, kept: str) -> Diverged:
        """The same error, with ``kept``, which says what was saved, in its message."""
        return Diverged(self.what, self.epoch, self.batch, kept)


class Pruned(RunFailed):
    """A search has ended a run early, because other runs were better: it is not scored.

    Example:
        >>> str(Pruned("pruned after epoch 2: other trials were better by then"))
        'pruned after epoch 2: other trials were better by then'
    """


class UsageError(MxdigitsError):
    """The request itself is wrong: an argument, a name or an option.

    Example:
        >>> UsageError("there is no model 'lennet'").exit_code
        2
    """

    exit_code = 2


class RecipeError(Problems, UsageError):
    """One or more mistakes in a recipe, all of them at once.

    Example:
        >>> RecipeError(["mine.yaml:3:1: epochs: must be at least 1"]).exit_code
        2
    """


class InputsMissing(Problems, UsageError):
    """One or more inputs that are not there, all of them at once.

    Example:
        >>> InputsMissing(["a.png: no such file", "b.png: no such file"]).lines
        ['a.png: no such file', 'b.png: no such file']
    """


class SetupError(MxdigitsError):
    """This machine lacks something that the request needs.

    Example:
        >>> SetupError("this machine has no GPU").exit_code
        3
    """

    exit_code = 3


class BackendMissing(SetupError):
    """A library that executes networks is not installed, or does not start.

    Example:
        >>> BackendMissing("JAX is not installed").exit_code
        3
    """


class MXNetMissing(BackendMissing):
    """MXNet is not installed, or does not start.

    Example:
        >>> isinstance(MXNetMissing("MXNet is not installed"), BackendMissing)
        True
    """


class ContextError(SetupError):
    """A device was asked for that is not there.

    Example:
        >>> ContextError("this machine has no gpu(1)").exit_code
        3
    """


class ProcessNotStarted(SetupError):
    """The system does not start a process that mxdigits needs.

    Example:
        >>> ProcessNotStarted("no process could be started").exit_code
        3
    """


class PluginError(SetupError):
    """A plugin cannot be loaded, or breaks its contract.

    Example:
        >>> PluginError("the model 'tiny' cannot be loaded").exit_code
        3
    """


class NetworkError(Problems, SetupError):
    """A network cannot be run by the backend that was chosen; a line for each reason.

    Example:
        >>> NetworkError(["layer 'mine': there is no operator Custom"]).exit_code
        3
    """


class DataError(SetupError):
    """A data set is missing, damaged or contradicts itself.

    Example:
        >>> DataError("digits.npz: no such file").exit_code
        3
    """


class PicturesRefused(Problems, DataError):
    """Pictures of a data set that cannot be used: the first fifty by name, and how many.

    ``hint`` ends the last line.

    Example:
        >>> PicturesRefused("mine", ["mine/3/a.png: shows no digit"]).lines
        ['mine/3/a.png: shows no digit', 'mine: 1 picture cannot be used']
    """

    def __init__(self, where: str, problems: Sequence[str], hint: str = ""):
        count = len(problems)
        unnamed = f"; {count - 50} of them are not named here" * (count > 50)
        super().__init__(
            problems[:50], f"{where}: {_pictures(count)} cannot be used{unnamed}{hint}"
        )


class PicturesUnread(Problems, DataError):
    """Some pictures could not be read; ``rest`` says whether there were others, which are done.

    Example:
        >>> PicturesUnread(["a.png: not a picture"], rest=True).lines
        ['a.png: not a picture', '1 picture could not be read; the rest is done']
        >>> PicturesUnread(["a.png: not a picture"], rest=False).lines
        ['a.png: not a picture']
    """

    def __init__(self, problems: Sequence[str], *, rest: bool):
        count = len(problems)
        none = f"none of the {count} pictures could be read" * (count > 1)
        some = f"{_pictures(count)} could not be read; the rest is done"
        super().__init__(problems, some if rest else none)


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count} pictures"


class RunFolderError(SetupError):
    """A run folder is missing, incomplete or damaged.

    Example:
        >>> RunFolderError("runs/lenet: no such run").exit_code
        3
    """


class CheckpointError(SetupError):
    """A checkpoint is missing, damaged or of another run.

    Example:
        >>> CheckpointError("the checkpoint is damaged").exit_code
        3
    """


class OutputError(SetupError):
    """A file cannot be written where it was asked for.

    Example:
        >>> OutputError("cannot write run.json: the disk is full").exit_code
        3
    """


class FolderInUse(OutputError):
    """Another process, or another thread, is writing to the run folder.

    Example:
        >>> isinstance(FolderInUse("another process is writing to it"), OutputError)
        True
    """


class AccuracyMissed(MxdigitsError):
    """The run is done, but its accuracy is below the demanded one.

    Example:
        >>> AccuracyMissed("an accuracy of 0.97 is below 0.98").exit_code
        4
    """

    exit_code = 4


class NotReproduced(MxdigitsError):
    """A run was repeated, and its accuracy differs significantly.

    Example:
        >>> NotReproduced("the accuracy is another one").exit_code
        4
    """

    exit_code = 4


class Interrupted(MxdigitsError):
    """A signal stopped the run; its work so far is saved.

    ``exit_code`` is what shells use for the signal: 130 for SIGINT, 143 for SIGTERM and 129 for
    SIGHUP.

    Example:
        >>> Interrupted("terminated after epoch 3", 143).exit_code
        143
    """

    exit_code = 130

    def __init__(self, message: str, exit_code: int = 130):
        super().__init__(message)
        self.exit_code = exit_code
