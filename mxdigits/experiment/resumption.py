"""Reads a run to resume: its newest checkpoint, and whether anything has changed since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from ..backends.context import FASTEST
from ..data.parts import missing_paths
from ..errors import DataError, RunFolderError, UsageError
from ..plugins.own import OURS
from ..plugins.registry import MODELS
from ..recipe.schema import Recipe
from ..runs.checkpoints import Checkpoint, Checkpoints
from ..runs.folder import UNWRITTEN, RunFolder
from ..runs.record import PreviousRun, Record
from ..wording import Say, shell_word
from .preparation.prepare import PreparedRun
from .records.changes import changes
from .records.own_recipe import own_recipe
from .records.record import Stopwatch, now

# Keys that may change without a message, because they decide no bit of the weights. The absolute
# path of the data is compared by the key data.options.path.
_FREE = (
    *("recipe.name", "recipe.predictions", "recipe.checkpoint", "recipe.threads"),
    *("recipe.data.path", "recipe.context", "recipe.backend", "recipe.teacher.run"),
    *("device.platform", "device.passed_over", "plugins.predictions"),
)

# Keys of recipes that are newer than some runs, and newer options of sections, with the defaults.
_LATER: Mapping[str, object] = {
    "accumulate": 1,
    "ema": None,
    "freeze": [],
    "lr_mult": {},
    "precision": "float32",
    "swa": None,
    "teacher": None,
}
_LATER_INSIDE: Mapping[str, Mapping[str, object]] = {
    "data": {"sampler": None, "shard": False},
    "loss": {"class_weights": None, "focal": 0.0},
}

_MODEL_FILES = ("recipe.model.path", "recipe.model.parameters")

# The keys that differ if MXNet traced the network then, and mxdigits has its graph today.
_TRACED = frozenset({"network.graph", "versions.mxnet"})

# Keys that may change with a message, because the bits may change with them.
_TOLD = ("recipe.epochs", "device.")


@dataclass(frozen=True)
class Resumption:
    """A run folder, its recipe as it is now, and the checkpoint to resume from, if there is one.

    >>> run = Path("runs/mlp/20261123T153755Z-62fd27")
    >>> resumption = read_resumption(run, (), print)  # doctest: +SKIP
    >>> resumption.checkpoint.state.epoch  # doctest: +SKIP
    """

    folder: RunFolder
    recipe: Recipe
    checkpoint: Optional[Checkpoint]
    previous: PreviousRun

    def settled(self, recipe: Recipe) -> Recipe:
        """The recipe, in which the backend that the run has had so far replaces ``fastest``."""
        if recipe.backend != FASTEST:
            return recipe
        return recipe.model_copy(update={"backend": self.previous.backend})

    def check_changes(self, prepared: PreparedRun, say: Say, *, allow: bool) -> None:
        """Compare the settings of the run with those with which it would be resumed.

        Raises:
            UsageError: if something that decides the weights has changed, and ``allow`` is false.
        """
        then: Mapping[str, object] = self.previous.fingerprint
        if self.checkpoint is not None:
            then = self.checkpoint.fingerprint
        then = with_later_keys(then)
        now_ = {key: each for key, each in prepared.fingerprint.items() if key in then}
        changed = changed_keys(then, now_)
        if _was_traced(changed, prepared):
            changed = {key: what for key, what in changed.items() if key not in _TRACED}
            say("MXNet traced the network when this run began; its graph computes the same today")
        told = {k: v for k, v in changed.items() if k.startswith(_TOLD)}
        for key, what in told.items():
            bits = ""
            if key.startswith("device."):
                bits = "; the bits may differ from those of an uninterrupted run"
            elif self._other_rates(prepared, then):
                bits = "; a run of that many epochs would have had other learning rates so far"
            say(f"{key}: {what}{bits}")
        decisive = {k: v for k, v in changed.items() if k not in told}
        if decisive and not allow:
            raise UsageError(
                f"{self.folder} was made with other versions, data or keys: "
                + "; ".join(f"{key} is {what}" for key, what in decisive.items())
                + ". To continue all the same, write --allow-changes"
            )
        for key, what in decisive.items():
            say(f"allowed: {key}: {what}")

    def _other_rates(self, prepared: PreparedRun, then: Mapping[str, object]) -> bool:
        """Whether the schedule now gives finished epochs other rates than they had."""
        recipe = then.get("recipe")
        epochs = recipe.get("epochs") if isinstance(recipe, dict) else None
        if self.checkpoint is None or not isinstance(epochs, int):
            return False
        had, has = prepared.schedule_over(epochs), prepared.schedule
        return any(had(epoch) != has(epoch) for epoch in range(self.checkpoint.state.epoch))

    def go_on(self, record: Record, stopwatch: Stopwatch) -> None:
        """Carry over into the new record what must remain from the previous ones."""
        source = "the beginning" if self.checkpoint is None else self.checkpoint.path.name
        record["started"] = self.previous.started
        record["init"] = record["init"] or self.previous.init
        if self.previous.fastest is not None and record["backend"] == self.previous.backend:
            record["fastest"] = self.previous.fastest
        if self.previous.learning is not None:
            record["learning"] = self.previous.learning
        record["resumed"] = [*self.previous.resumed, {"at": now(), "from": source}]
        stopwatch.go_on(self.previous.seconds)


def changed_keys(then: Mapping[str, object], now_: Mapping[str, object]) -> dict[str, str]:
    """The differences of the fingerprints of two runs, without keys that decide no bit.

    Example:
        >>> changed_keys({"recipe": {"epochs": 3}}, {"recipe": {"epochs": 10, "threads": 1}})
        {'recipe.epochs': '10, was 3'}
    """
    # Equal files may be in different folders.
    free = (
        *_FREE,
        *(["data.options.path"] if _same_files("data", "sha256", then, now_) else []),
        *(_MODEL_FILES if _same_files("network", "files", then, now_) else []),
    )
    return {k: v for k, v in changes(then, now_).items() if not k.startswith(free)}


def with_later_keys(then: Mapping[str, object]) -> Mapping[str, object]:
    """A run's fingerprint with the newer keys of recipes, whose defaults change nothing.

    >>> with_later_keys({"recipe": {"loss": {"label_smoothing": 0.1}}})["recipe"]["loss"]["focal"]
    0.0
    """
    recipe = then.get("recipe")
    if not isinstance(recipe, Mapping):
        return then
    inside = {
        key: {**options, **given}
        for key, options in _LATER_INSIDE.items()
        if isinstance(given := recipe.get(key), Mapping)
    }
    return {**then, "recipe": {**_LATER, **recipe, **inside}}


def _was_traced(changed: Mapping[str, str], prepared: PreparedRun) -> bool:
    """Whether the hashes of the graphs differ only because MXNet traced the earlier graph."""
    ours = MODELS.entry(prepared.recipe.model.name).distribution == OURS
    same = not any(key == "backend" or key.startswith("recipe.model") for key in changed)
    without = "mxnet" not in prepared.record["versions"]
    return ours and same and without and changed.keys() >= _TRACED


def _same_files(
    part: str, key: str, then: Mapping[str, object], now_: Mapping[str, object]
) -> bool:
    """Whether both fingerprints record the same hashes of files under a key of one part."""
    before, after = (
        told.get(key) if isinstance(told := each.get(part), Mapping) else None
        for each in (then, now_)
    )
    return bool(after) and before == after


def read_resumption(
    path: Path, overrides: Sequence[str], say: Say, *, finished: bool = False
) -> Resumption:
    """Read a run that is to be resumed.

    Args:
        path: the run folder.
        overrides: of its recipe.
        say: told of damaged checkpoints that were skipped, and from where the run continues.
        finished: whether a finished run is accepted.

    Raises:
        UsageError: if there is nothing left to do.
        RunFolderError: if the folder is not a run folder, or damaged.
        PluginError: if a plugin that it names is not here any more.
        RecipeError: if its recipe is invalid.

    >>> run = Path("runs/mlp/20261123T153755Z-62fd27")
    >>> read_resumption(run, ["epochs=20"], print).recipe.epochs  # doctest: +SKIP
    """
    folder = RunFolder(path)
    folder.check_is_run()
    if not folder.record_file.is_file() or not folder.recipe_file.is_file():
        raise RunFolderError(f"{path} {UNWRITTEN}")
    previous = folder.read_record(PreviousRun)
    recipe = own_recipe(folder, previous.plugins, overrides)
    if missing := missing_paths(recipe.data.options):
        moved = " ".join(f"{key}=..." for key in missing)
        raise DataError(
            f"the data of {path} are not at {', '.join(missing.values())}; if they lie elsewhere "
            f"now, add {moved}"
        )
    keep = 2 if recipe.checkpoint is None else recipe.checkpoint.keep
    checkpoint = Checkpoints(folder.checkpoints_folder, keep).newest(say)
    if previous.state == "pruned":
        raise UsageError(
            f"{folder} was pruned by a search; to train it to its end: mxdigits run "
            f"{shell_word(folder.recipe_file)}"
        )
    if previous.state == "finished" and not finished:
        _check_longer(folder, previous, recipe, checkpoint)
    say(
        f"resuming {folder} from "
        + ("its beginning: it has no checkpoint" if checkpoint is None else checkpoint.path.name)
    )
    return Resumption(folder, recipe, checkpoint, previous)


def _check_longer(
    folder: RunFolder, previous: PreviousRun, recipe: Recipe, checkpoint: Optional[Checkpoint]
) -> None:
    if previous.members:
        raise UsageError(
            f"{folder} is an ensemble, which nothing trains: train its runs further, and make "
            "another of them"
        )
    done = None if checkpoint is None else checkpoint.state.epoch
    if done is None:
        raise UsageError(f"{folder} is finished, and has no checkpoint to train further from")
    ended = None if checkpoint is None else checkpoint.state.facts.get("ended")
    if isinstance(ended, str):
        raise UsageError(f"{folder} is finished: {ended}")
    if recipe.epochs <= done:
        raise UsageError(
            f"{folder} is finished: {done} epochs are done; to train further, write more, such as "
            f"epochs={2 * done}"
        )
