"""A plugin to be checked, and what the checks of several kinds of plugins ask of it."""

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

from ..plugins.entry import Entry
from ..plugins.registry import DATASETS, Registry
from ..plugins.signatures import Options, options_of
from ..recipe.sections import DataOptions, NamedOptions
from ..values import Unchecked
from .effects import Settings, changes, settings
from .results import Broken, NotApplicable

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


def short(text: str) -> str:
    """A text in one line of at most 200 characters.

    >>> short(" two   words "), len(short("word " * 100))
    ('two words', 200)
    """
    line = " ".join(text.split())
    return line if len(line) <= 200 else f"{line[:197]}..."


def keyword_options(case: Case) -> Options:
    """The options of the factory, after a check that the given ones are enough to call it.

    Raises:
        Broken: if some can be given only by position, or have a name that recipes keep.
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
    section = DataOptions if case.registry is DATASETS else NamedOptions
    kept = [option for option in takes.defaults if option in section.model_fields]
    if kept:
        raise Broken(
            f"the option {kept[0]}, which no recipe can give: the key is mxdigits' own",
            "call it something else",
        )
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
        raise Broken(short("; ".join(changed)), "leave settings to the program")


def claim(factory: object, name: str, given: Optional[_Claim]) -> Optional[_Claim]:
    """The claim that the caller gave, or else the attribute ``name`` of the factory.

    >>> def factory(): ...
    >>> factory.image_shapes = ((1, 28, 28),)
    >>> claim(factory, "image_shapes", None)
    ((1, 28, 28),)
    """
    own: Optional[_Claim] = getattr(factory, name, None)
    return own if given is None else given
