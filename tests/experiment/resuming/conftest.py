"""A run that was never interrupted, and copies of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from resumed_runs import make_home

from mxdigits.runs.checkpoints import Checkpoints


@pytest.fixture(scope="session")
def whole(idx_folder, tmp_path_factory):
    """A run that was never interrupted."""
    home = make_home(tmp_path_factory.mktemp("whole"), idx_folder)
    process = subprocess.run(
        [sys.executable, "-m", "mxdigits", "run", "bars.yaml", "--no-report"],
        cwd=home,
        capture_output=True,
        text=True,
    )
    assert (process.returncode, process.stderr) == (0, "")
    (folder,) = (home / "runs" / "bars").iterdir()
    return folder


@pytest.fixture
def finished(whole, tmp_path):
    """A copy of that run."""
    return Path(shutil.copytree(whole, tmp_path / "copy"))


@pytest.fixture
def half(finished):
    """A copy of it as if it had been killed: two checkpoints, the newest before its last."""
    newest = Checkpoints(finished / "checkpoints").paths()[-1]
    shutil.rmtree(newest)
    record = json.loads((finished / "run.json").read_text())
    del record["scores"]
    record["state"] = "running"
    (finished / "run.json").write_text(json.dumps(record))
    with open(finished / "history.jsonl", "a") as lines:
        lines.write('{"epoch": 6, "learni')  # it was killed while it wrote a line
    return finished
