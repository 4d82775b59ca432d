"""The checks of all kinds of plugins: a plugin must load, and loading must change nothing else.

The entry point is loaded in a fresh process, because much is already loaded in this one.
"""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Optional, TypeVar

from ..backends.mxnet.runtime import mxnet_installed
from ..plugins.entry import Entry
from ..plugins.registry import Registry
from ..plugins.signatures import Options, options_of
from ..values import Unchecked
from .effects import Settings, changes, settings
from .results import Broken, Check, NotApplicable, vital

# Seconds for one request; a plugin that imports something large takes a few.
TIME_LIMIT = 120

_Claim = TypeVar("_Claim")


class Case:
    """One plugin to be checked.

    ``figures`` collects what the checks measure; ``framework_gives`` names the options that
    mxdigits itself passes.

    >>> from mxdigits.registry import MODELS
    >>> case = Case(MODELS, MODELS.entry("mlp"), {})
    >>> case.entry.distribution
    'mxdigits'
    """

    framework_gives: tuple[str, ...] = ()

    def __init__(self, registry: Registry, entry: Entry, options: Mapping[str, object]):
        self.registry = registry
        self.entry = entry
        self.options = dict(options)
        self.figures: dict[str, float] = {}

    @cached_property
    def loaded(self) -> dict[str, Unchecked]:
        """What loading did, as :func:`mxdigits.testing.probe.load` reports it."""
        if self.entry.factory is not None:
            raise NotApplicable("was registered in this process, without an entry point")
        return in_fresh_process({"target": self.entry.target})

    @cached_property
    def settings_before(self) -> Settings:
        """The settings of this process before any call of the plugin, taken at the first access."""
        return settings()


def in_fresh_process(request: Mapping[str, object], **environment: str) -> dict[str, Unchecked]:
    """Send a request to :mod:`mxdigits.testing.probe` in a new process, and return its report.

    Raises:
        Broken: if the process crashes, or does not end in time.

    >>> in_fresh_process({"target": "mxdigits_tiny:TinyConv"})["threads"]  # doctest: +SKIP
    """
    with tempfile.TemporaryDirectory() as folder:
        report, home = Path(folder, "report.json"), Path(folder, "empty")
        home.mkdir()
        # This process may find modules in folders where a fresh one would not look.
        path = [os.path.abspath(each) for each in sys.path]
        text = json.dumps({**request, "path": path, "report": str(report)})
        try:
            done = subprocess.run(
                [sys.executable, "-m", "mxdigits.testing.probe", text],
                cwd=home,
                env={
                    **os.environ,
                    "PYTHONDONTWRITEBYTECODE": "1",
                    "PYTHONPATH": os.pathsep.join(path),
                    **environment,
                },
                capture_output=True,
                text=True,
                timeout=TIME_LIMIT,
            )
        except subprocess.TimeoutExpired:
            raise Broken(
                f"no end after {TIME_LIMIT} seconds", "do less, and wait for nothing"
            ) from None
        if not report.is_file():
            said = (done.stderr.strip().splitlines() or ["nothing was said"])[-1]
            raise Broken(
                f"the process ended with {done.returncode}: {said}",
                "end no process, and load nothing that crashes it",
            )
        outcome: dict[str, Unchecked] = json.loads(report.read_text(encoding="utf-8"))
        outcome["left"] = sorted(each.name for each in home.iterdir())
        return outcome


@vital
def is_offered_once(case: Case) -> None:
    """One installed distribution offers the name.

    >>> from mxdigits.registry import MODELS
    >>> is_offered_once(Case(MODELS, MODELS.entry("mlp"), {}))
    """
    owners = [str(entry) for entry in case.registry.entries(case.entry.name)]
    if len(owners) > 1:
        raise Broken(" and ".join(owners), "choose another name, or uninstall all but one")


@vital
def finds_what_it_requires(case: Case) -> None:
    """Everything that the distribution requires is installed, in a version that it takes.

    >>> from mxdigits.registry import MODELS
    >>> finds_what_it_requires(Case(MODELS, MODELS.entry("mlp"), {}))
    """
    lacking = case.entry.unmet()
    if lacking:
        raise Broken(f"it needs {lacking}", "install that, or widen install_requires in setup.cfg")


@vital
def loads(case: Case) -> str:
    """The entry point loads, in a fresh process, and is callable.

    >>> from mxdigits.registry import MODELS
    >>> loads(Case(MODELS, MODELS.entry("mlp"), {}))  # doctest: +SKIP
    """
    if case.entry.factory is not None:
        return "registered in this process"
    if "error" in case.loaded:
        if "No module named 'mxnet" in case.loaded["error"] and not mxnet_installed():
            raise NotApplicable("it needs MXNet, which is not installed")
        raise Broken(
            case.loaded["error"], f"make `import {case.entry.target.partition(':')[0]}` work"
        )
    if case.loaded["type"]:
        raise Broken(
            f"{case.entry.target} is not callable but {case.loaded['type']}",
            "name a class or a function after the colon",
        )
    case.figures["load_seconds"] = round(case.loaded["seconds"], 3)
    return f"in {case.loaded['seconds']:.2f} s"


def loading_prints_nothing(case: Case) -> None:
    """Loading prints nothing.

    >>> from mxdigits.registry import MODELS
    >>> loading_prints_nothing(Case(MODELS, MODELS.entry("mlp"), {}))  # doctest: +SKIP
    """
    printed = case.loaded["printed"]
    if printed:
        raise Broken(f"printed {_short(printed)}", "remove the print, or move it into a function")


def loading_starts_no_thread_or_process(case: Case) -> None:
    """Loading starts no thread and no process.

    >>> from mxdigits.registry import MODELS
    >>> loading_starts_no_thread_or_process(Case(MODELS, MODELS.entry("mlp"), {}))  # doctest: +SKIP
    """
    started = [f"thread {name}" for name in case.loaded["threads"]] + case.loaded["processes"]
    if started:
        raise Broken(", ".join(started), "start it when it is first used")


def loading_writes_no_file(case: Case) -> None:
    """Loading writes, renames and removes no file.

    >>> from mxdigits.registry import MODELS
    >>> loading_writes_no_file(Case(MODELS, MODELS.entry("mlp"), {}))  # doctest: +SKIP
    """
    touched = case.loaded["files"] or [f"left {name}" for name in case.loaded["left"]]
    if touched:
        raise Broken(_short(", ".join(touched)), "write it when it is first used, where asked")


def loading_uses_no_network(case: Case) -> None:
    """Loading opens no connection.

    >>> from mxdigits.registry import MODELS
    >>> loading_uses_no_network(Case(MODELS, MODELS.entry("mlp"), {}))  # doctest: +SKIP
    """
    if case.loaded["network"]:
        raise Broken(_short(", ".join(case.loaded["network"])), "connect when it is first used")


def loading_keeps_global_seeds(case: Case) -> None:
    """Loading neither seeds nor draws from the global generators.

    >>> from mxdigits.registry import MODELS
    >>> loading_keeps_global_seeds(Case(MODELS, MODELS.entry("mlp"), {}))  # doctest: +SKIP
    """
    if case.loaded["seeds"]:
        raise Broken(
            f"{', '.join(case.loaded['seeds'])} changed",
            "use a generator of your own: numpy.random.default_rng(seed)",
        )


def loading_keeps_numpy_settings(case: Case) -> None:
    """Loading changes no setting of NumPy.

    >>> from mxdigits.registry import MODELS
    >>> loading_keeps_numpy_settings(Case(MODELS, MODELS.entry("mlp"), {}))  # doctest: +SKIP
    """
    _unchanged(case, "numpy", "use numpy.errstate or numpy.printoptions around what needs it")


def loading_keeps_mxnet_settings(case: Case) -> None:
    """Loading changes no setting of MXNet.

    >>> from mxdigits.registry import MODELS
    >>> loading_keeps_mxnet_settings(Case(MODELS, MODELS.entry("mlp"), {}))  # doctest: +SKIP
    """
    _unchanged(case, "mxnet", "leave set_np() and its like to the program")


def loading_keeps_process_settings(case: Case) -> None:
    """Loading leaves environment, working directory, logging and signals as they are.

    >>> from mxdigits.registry import MODELS
    >>> loading_keeps_process_settings(Case(MODELS, MODELS.entry("mlp"), {}))  # doctest: +SKIP
    """
    _unchanged(case, "process", "leave it to the program, or do it when it is first used")


LOADING: list[Check] = [
    is_offered_once,
    finds_what_it_requires,
    loads,
    loading_prints_nothing,
    loading_starts_no_thread_or_process,
    loading_writes_no_file,
    loading_uses_no_network,
    loading_keeps_global_seeds,
    loading_keeps_numpy_settings,
    loading_keeps_mxnet_settings,
    loading_keeps_process_settings,
]


def _unchanged(case: Case, part: str, mend: str) -> None:
    changed = case.loaded["settings"][part]
    if changed:
        raise Broken(_short("; ".join(changed)), mend)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 200 else f"{line[:197]}..."


def keyword_options(case: Case) -> Options:
    """The options of the factory, after a check that the given ones are enough to call it.

    Raises:
        Broken: if some can be given only by position.
        NotApplicable: if a required option was not given.

    >>> from mxdigits.registry import MODELS
    >>> str(keyword_options(Case(MODELS, MODELS.entry("mlp"), {})))
    "classes=10, hidden=(128, 64), activation='relu', dropout=0.0"
    """
    factory = case.registry.get(case.entry.name)
    for each in inspect.signature(factory).parameters.values():
        if each.kind in (each.POSITIONAL_ONLY, each.VAR_POSITIONAL):
            raise Broken(
                f"{each} is taken by position only",
                "let every option come by keyword: build(*, ...)",
            )
    takes = options_of(factory)
    for option, default in takes.defaults.items():
        if default is None and option not in {*case.options, *case.framework_gives}:
            raise NotApplicable(f"{option} is required: give it as {option}=...")
    return takes


def expect_settings_kept(case: Case) -> None:
    """Compare the settings with those before the plugin was called.

    Raises:
        Broken: if one has changed.

    >>> from mxdigits.registry import MODELS
    >>> expect_settings_kept(Case(MODELS, MODELS.entry("mlp"), {}))
    """
    changed = [each for part in changes(case.settings_before, settings()).values() for each in part]
    if changed:
        raise Broken(_short("; ".join(changed)), "leave settings to the program")


def claim(factory: object, name: str, given: Optional[_Claim]) -> Optional[_Claim]:
    """The claim that the caller gave, or else the attribute ``name`` of the factory.

    >>> def factory(): ...
    >>> factory.image_shapes = ((1, 28, 28),)
    >>> claim(factory, "image_shapes", None)
    ((1, 28, 28),)
    """
    own: Optional[_Claim] = getattr(factory, name, None)
    return own if given is None else given


@vital
def takes_keyword_options(case: Case) -> str:
    """The factory takes its options by keyword, and those not given have defaults.

    >>> from mxdigits.registry import MODELS
    >>> takes_keyword_options(Case(MODELS, MODELS.entry("mlp"), {}))
    "(classes=10, hidden=(128, 64), activation='relu', dropout=0.0)"
    """
    return f"({keyword_options(case)})"
