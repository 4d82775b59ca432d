"""A small recipe of the tests of runs, and the folder of its run."""

from __future__ import annotations

from pathlib import Path

# A recipe of seconds; {path} is the folder of its data.
RECIPE = """\
model: lenet
data: {{name: idx, path: {path}, batch_size: 20}}
optimizer: {{name: sgd, learning_rate: 0.05, momentum: 0.9}}
epochs: 3
predictions: [csv, jsonl, npz]
"""


def run_folder(tmp_path: Path, output: str = "runs") -> Path:
    """The folder of the only run of the recipe ``bars``."""
    (folder,) = (tmp_path / output / "bars").glob("2*")
    return folder
