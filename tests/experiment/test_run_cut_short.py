"""A run that a signal, a reader that leaves or a full disk cuts short."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from textwrap import dedent

import pytest
from experiment.run_folders import RECIPE, run_folder

pytestmark = pytest.mark.mxnet


def test_ctrl_c_saves_the_weights_and_exits_130(idx_folder, tmp_path, mxdigits):
    (tmp_path / "bars.yaml").write_text(RECIPE.format(path=idx_folder))
    process = subprocess.Popen(
        [sys.executable, "-m", "mxdigits", "run", "bars.yaml", "epochs=100000"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in process.stdout:
        if line.startswith("Epoch[3]"):
            break
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=300)
    folder = run_folder(tmp_path)
    assert process.returncode == 130
    newest = max((folder / "checkpoints").iterdir())
    epoch, batch = (int(number) for number in re.findall(r"\d+", newest.name))
    assert epoch == len((folder / "history.csv").read_text().splitlines()) - 1
    assert errors == (
        f"error: interrupted at epoch {epoch}, batch {batch}; "
        f"to go on: mxdigits resume runs/bars/{folder.name}\n"
    )
    assert json.loads((folder / "run.json").read_text())["state"] == "interrupted"
    assert mxdigits("score", folder).returncode == 0


INTERRUPTED = """
    import signal, sys
    from mxdigits.__main__ import main
    from mxdigits.experiment.preparation import parts

    whole = parts.load_dataset

    def load_dataset(*arguments, **options):
        signal.raise_signal(signal.SIGINT)
        return whole(*arguments, **options)

    parts.load_dataset = load_dataset
    sys.exit(main())
"""


def test_ctrl_c_before_training_exits_130(idx_folder, tmp_path):
    (tmp_path / "bars.yaml").write_text(RECIPE.format(path=idx_folder))
    process = subprocess.run(
        [sys.executable, "-c", dedent(INTERRUPTED), "run", "bars.yaml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert process.returncode == 130
    assert process.stderr == "error: interrupted before there was anything to keep\n"


def test_a_reader_that_leaves_does_not_end_the_training(idx_folder, tmp_path):
    (tmp_path / "bars.yaml").write_text(RECIPE.format(path=idx_folder))
    command = f"{sys.executable} -m mxdigits run bars.yaml epochs=9 --no-report | head -n 1"
    subprocess.run(["bash", "-c", command], cwd=tmp_path, check=True, capture_output=True)
    folder = run_folder(tmp_path)
    assert json.loads((folder / "run.json").read_text())["state"] == "finished"
    assert len((folder / "history.csv").read_text().splitlines()) == 10


def test_a_full_disk_behind_the_output_is_one_error(mxdigits):
    command = f"{sys.executable} -m mxdigits models > /dev/full"
    process = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert process.stderr == "error: cannot write the output: No space left on device\n"
    assert process.returncode == 3
