"""Why PyTorch cannot be imported, and what to install."""

from __future__ import annotations

from ...installing import install_command, why_not_imported


def why_missing(error: Exception) -> str:
    """Why an import of PyTorch failed, and what to do about it, in one line.

    Example:
        >>> print(why_missing(ModuleNotFoundError("No module named 'scipy'", name="scipy")))
        PyTorch does not start: it needs the module 'scipy'
    """
    why = why_not_imported("PyTorch", "torch", "torch", error)
    if isinstance(error, ModuleNotFoundError):
        return why
    return f"{why}; to install what it needs: {install_command('torch')}"


def why_too_old(version: str, oldest: str) -> str:
    """What to do about a PyTorch that is too old.

    Example:
        >>> why_too_old("2.0.1", "2.4").partition(":")[0]
        'PyTorch is 2.0.1 here, and 2.4 or newer is needed'
    """
    return f"PyTorch is {version} here, and {oldest} or newer is needed: {install_command('torch')}"
