"""What to do about missing packages, for error messages."""

from __future__ import annotations

import re
from collections.abc import Collection

from .errors import BackendMissing
from .foreign import describe


def why_not_imported(library: str, module: str, extra: str, error: Exception) -> str:
    """Why the import of a library failed, in one line; if it is missing, what installs it.

    Args:
        library: its name as people write it.
        module: the name that is imported.
        extra: the extra of mxdigits that it belongs to.
        error: what its import raised.

    Example:
        >>> error = ModuleNotFoundError("No module named 'kiwisolver'", name="kiwisolver")
        >>> why_not_imported("matplotlib", "matplotlib", "report", error)
        "matplotlib does not start: it needs the module 'kiwisolver'"
    """
    if isinstance(error, ModuleNotFoundError):
        if error.name == module:
            return f"{library} is not installed: {install_command(extra)}"
        return f"{library} does not start: it needs the module {error.name!r}"
    return f"{library} does not start: {describe(error)}"


def check_age(library: str, version: str, oldest: tuple[int, int], extra: str) -> None:
    """Refuse a library that is too old.

    Args:
        library: its name as people write it.
        version: the installed version.
        oldest: the first two numbers of the oldest version that is enough.
        extra: the extra of mxdigits that it belongs to.

    Raises:
        BackendMissing: with the command that installs a newer one.

    Example:
        >>> check_age("PyTorch", "2.14.1+cu130", (2, 4), "torch")
    """
    if tuple(int(number) for number in re.findall(r"\d+", version)[:2]) < oldest:
        needed = ".".join(map(str, oldest))
        raise BackendMissing(
            f"{library} is {version} here, and {needed} or newer is needed: "
            f"{install_command(extra)}"
        )


def install_command(extra: str) -> str:
    """The command that installs what an extra of mxdigits needs.

    It names the packages, not mxdigits, so it works wherever mxdigits was installed from. If MXNet
    is installed, it also names NumPy below 2: pip might install a newer one otherwise.

    >>> install_command("report").partition("3.7'")[0]
    "pip install 'matplotlib>="
    """
    import shlex
    from importlib.metadata import PackageNotFoundError, requires

    from packaging.requirements import Requirement

    try:
        required = [Requirement(text) for text in requires("mxdigits") or ()]
    except PackageNotFoundError:  # mxdigits runs from its source, without being installed
        required = []
    needed = [
        shlex.quote(f"{each.name}{_brackets(each.extras)}{each.specifier}")
        for each in required
        if each.marker is not None
        and each.marker.evaluate({"extra": extra})
        and not each.marker.evaluate({"extra": ""})
    ]
    needed = needed or [shlex.quote(f"mxdigits[{extra}]")]
    if beside_mxnet() and not any("numpy" in each for each in needed):
        needed.append("'numpy<2'")
    return f"pip install {' '.join(needed)}"


def beside_mxnet() -> bool:
    """Whether MXNet is installed, even if it does not start; a folder of that name does not count.

    Example:
        >>> beside_mxnet()  # doctest: +SKIP
    """
    from importlib.util import find_spec

    try:
        spec = find_spec("mxnet")
    except (ImportError, ValueError):  # from a foreign import finder, or a module of that name
        return False
    return spec is not None and spec.origin is not None


def _brackets(extras: Collection[str]) -> str:
    return f"[{','.join(sorted(extras))}]" if extras else ""
