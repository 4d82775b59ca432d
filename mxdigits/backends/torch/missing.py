"""Why PyTorch is not there, and what to install."""

from __future__ import annotations

from ...errors import describe, install_command


def why_missing(error: Exception) -> str:
    """What an import of PyTorch that failed means, and what to do about it, in a line."""
    command = install_command("torch")
    if isinstance(error, ModuleNotFoundError):
        if error.name == "torch":
            return f"PyTorch is not installed: {command}"
        return f"PyTorch does not start: it needs the module {error.name!r}"
    return f"PyTorch does not start: {describe(error)}; to install what it needs: {command}"


def why_too_old(version: str, oldest: str) -> str:
    """What to do about a PyTorch that lacks what is needed here."""
    return f"PyTorch is {version} here, and {oldest} or newer is needed: {install_command('torch')}"
