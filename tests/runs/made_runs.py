"""Run folders as a run leaves them, without any training."""

from __future__ import annotations

from pathlib import Path

from mxdigits.recipe.schema import Recipe
from mxdigits.runs.folder import RunFolder
from mxdigits.train.history import COLUMNS

HISTORY = ",".join(name for name in COLUMNS if "ema" not in name) + "\n"
ROW = "{epoch},0.1,130,0.5,260.0,0.9,0.8125,0.7,0.9{epoch}\n"


def make_run(root: Path, stamp: str = "20260102T030405Z-00000a", *, rows: int = 2, **record):
    """A run folder as ``mxdigits run`` leaves it, of three epochs."""
    path = root / "lenet" / stamp
    path.mkdir(parents=True)
    folder = RunFolder(path)
    folder.recipe_file.write_text(Recipe.make(name="lenet", model="lenet", epochs=3).dump())
    folder.history_file.write_text(HISTORY + "".join(ROW.format(epoch=i) for i in range(rows)))
    folder.write_record(
        {
            "state": "running",
            "recipe": "lenet",
            "started": "2026-01-02T03:04:05+00:00",
            "versions": {"mxdigits": "0.1.0", "mxnet": "1.9.1"},
            **record,
        }
    )
    for file in (folder.symbol_file, folder.parameters_file, folder.log_file):
        file.write_text("x" * 10)
    return path


SCORES = {"test": {"samples": 46, "correct": 43, "accuracy": 0.9348, "loss": 0.25}}


def contents(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
