"""The packages that were installed when a run began, as a requirements file."""

from __future__ import annotations

from pathlib import Path

from ...errors import UsageError
from ...runs.folder import RunFolder
from ...runs.record import PreviousRun
from ...wording import in_words


def requirements_of(path: Path) -> str:
    """The packages that were installed when a run began, for ``pip install -r``.

    Raises:
        UsageError: if the run has no record of them.
        RunFolderError: if the folder is not a run folder.

    Example:
        >>> text = requirements_of(Path("runs/lenet/20240131-120000"))  # doctest: +SKIP
    """
    record = RunFolder.open(path).read_record(PreviousRun)
    installed = record.installed
    if installed is None:
        raise UsageError(
            f"{path} does not say what was installed: the mxdigits that made it did not record "
            f"it; it only says: {in_words(record.versions)}"
        )
    whole = path.resolve()
    lines = [
        f"# What was installed when the run {whole.parent.name}/{whole.name} began.",
        f"# Python {record.versions.get('python', '?')}, {record.device.get('platform', '?')}",
    ]
    for name in installed.from_files:
        version = installed.distributions.get(name, "?")
        lines.append(f"# {name} {version} came from a folder or a file; install it from there.")
    if installed.left_out:
        lines.append(f"# {installed.left_out} more were installed and not recorded.")
    return "\n".join([*(" ".join(line.split()) for line in lines), *installed.lines(), ""])
