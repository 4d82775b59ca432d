"""Finds the folder of a run."""

from __future__ import annotations

from pathlib import Path


def run_folder(tmp_path: Path, output: str = "runs") -> Path:
    """The folder of the only run of the recipe ``bars``."""
    (folder,) = (tmp_path / output / "bars").glob("2*")
    return folder
