"""The checks of all kinds of plugins: a plugin must load, and loading must change nothing else.

The entry point is loaded in a fresh process, because much is already loaded in this one.
"""

from __future__ import annotations

from ..backends.mxnet.runtime import mxnet_installed
from .case import Case, keyword_options, short
from .results import Broken, Check, NotApplicable, vital


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
        module, _, named = case.entry.target.partition(":")
        without = f"AttributeError: module {module!r} has no attribute {named!r}"
        mend = f"make `import {module}` work"
        if case.loaded["error"].startswith(without):
            mend = f"name what {module} defines in the entry point, after the colon"
        raise Broken(case.loaded["error"], mend)
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
        raise Broken(f"printed {short(printed)}", "remove the print, or move it into a function")


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
        raise Broken(short(", ".join(touched)), "write it when it is first used, where asked")


def loading_uses_no_network(case: Case) -> None:
    """Loading opens no connection.

    >>> from mxdigits.registry import MODELS
    >>> loading_uses_no_network(Case(MODELS, MODELS.entry("mlp"), {}))  # doctest: +SKIP
    """
    if case.loaded["network"]:
        raise Broken(short(", ".join(case.loaded["network"])), "connect when it is first used")


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
        raise Broken(short("; ".join(changed)), mend)


@vital
def takes_keyword_options(case: Case) -> str:
    """The factory takes options by keyword and no recipe's own keys; those not given have defaults.

    >>> from mxdigits.registry import MODELS
    >>> takes_keyword_options(Case(MODELS, MODELS.entry("mlp"), {}))
    "(classes=10, hidden=(128, 64), activation='relu', dropout=0.0)"
    """
    return f"({keyword_options(case)})"
