"""The README's first command, word for word, in a fresh clone with a fresh environment."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.readme
def test_the_first_command_trains_lenet_on_mnist(tmp_path):
    (command,) = re.findall(
        r"<!-- run -->\n```sh\n(.+?)\n```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S
    )
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    # A new user's shell: none of the variables with which the tests themselves run.
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("OMP_", "PYTHON"))}
    process = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=clone,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    (folder,) = (clone / "runs" / "lenet_gpu").iterdir()
    record = json.loads((folder / "run.json").read_text())
    assert record["scores"]["test"]["accuracy"] > 0.988
    assert len((folder / "predictions.csv").read_text().splitlines()) == 10001
