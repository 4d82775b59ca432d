"""Checks of the files that predictions go to: no output may take the place of an input."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Optional

from ..errors import UsageError
from .input_names import STDIN, matching


def refuse_inputs(outputs: Iterable[Path], inputs: Sequence[str]) -> None:
    """Refuse outputs that are inputs too: what is written would replace what is read.

    Args:
        outputs: files that will be written.
        inputs: pictures, folders, globs, IDX and NPZ files, names of data sets.

    Raises:
        UsageError: if one is.

    Example:
        >>> Path("photo.png").touch()
        >>> refuse_inputs([Path("seen.png")], ["photo.png"])
        >>> refuse_inputs([Path("photo.png")], ["photo.png"])
        Traceback (most recent call last):
            ...
        mxdigits.errors.UsageError: photo.png is read itself, and would be overwritten; name another
    """
    for output in outputs:
        if output.is_file() and any(_is_of(output, name) for name in inputs):
            raise UsageError(f"{output} is read itself, and would be overwritten; name another")


def overlay_files(path: Optional[Path]) -> Iterator[Path]:
    """The file of each page's overlay: ``out.png``, ``out-2.png``, ...; none without a path.

    Example:
        >>> files = overlay_files(Path("out.png"))
        >>> str(next(files)), str(next(files))
        ('out.png', 'out-2.png')
    """
    if path is not None:
        yield path
        for number in count(2):
            yield path.with_name(f"{path.stem}-{number}{path.suffix}")


def overlays_there(path: Path) -> list[Path]:
    """The files that are there already and that overlays of a path might replace.

    Example:
        >>> for name in ("out.png", "out-12.png", "out-of-use.png"):
        ...     Path(name).touch()
        >>> sorted(map(str, overlays_there(Path("out.png"))))
        ['out-12.png', 'out.png']
    """
    stem, suffix = glob.escape(path.stem), glob.escape(path.suffix)
    further = re.compile(re.escape(path.stem) + r"-\d+" + re.escape(path.suffix))
    beside = path.parent.glob(f"{stem}-*{suffix}")
    return [path, *(each for each in beside if further.fullmatch(each.name))]


def _is_of(output: Path, name: str) -> bool:
    """Whether a file that is there is among what a name stands for."""
    if name == STDIN:
        return False
    path = Path(name)
    if path.is_dir():
        if path.resolve() not in output.resolve().parents:
            return False
        from ..digitize.opening.heif import SUFFIXES as HEIF_SUFFIXES
        from ..digitize.opening.picture import SUFFIXES  # imports Pillow

        return output.name.lower().endswith((*SUFFIXES, *HEIF_SUFFIXES))
    files = [name] if path.exists() else matching(name)[0] if glob.has_magic(name) else []
    return any(os.path.samefile(output, each) for each in files)
