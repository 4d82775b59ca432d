"""``--load`` imports every plugin of a kind, and goes on whatever one of them does."""

from __future__ import annotations

from pathlib import Path

import pytest

from mxdigits.plugins import import_states
from mxdigits.registry import NETWORKS

PLUGINS = {
    "crashes": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "exits": "import os\nos._exit(0)",
    "fails": "raise RuntimeError('not today')",
    "prints": "print('{')\ndef make(): pass",
    "stays": "import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()\n"
    "def make(): pass",
}


@pytest.fixture
def site(tmp_path) -> Path:
    """A folder with a distribution for each of the plugins."""
    folder = tmp_path / "site"
    for name, source in PLUGINS.items():
        info = folder / f"a_{name}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: a-{name}\nVersion: 1.0\n")
        points = f"[mxdigits.datasets]\n{name} = a_{name}:make\n"
        (info / "entry_points.txt").write_text(points)
        (folder / f"a_{name}.py").write_text(source)
    return folder


def test_one_that_ends_its_process_is_named_and_the_others_are_listed(site, mxdigits_process):
    done = mxdigits_process("datasets", "--load", PYTHONPATH=str(site))
    rows = (line.split(maxsplit=3) for line in done.stdout.splitlines())
    assert (done.returncode, done.stderr) == (0, "")
    assert {name: state for name, owner, _, state in rows if owner.startswith("a-")} == {
        "crashes": "broken: importing it ends the process (SIGKILL)",
        "exits": "broken: importing it ends the process (exit code 0)",
        "fails": "broken: RuntimeError: not today",
        "prints": "ok",
        "stays": "ok",
    }
    assert "\nmnist " in done.stdout


def test_one_that_takes_too_long_is_named(monkeypatch):
    monkeypatch.setattr(import_states, "TIME_LIMIT", 0)
    assert import_states.states_imported(NETWORKS) == [
        "broken: importing it does not end within 0 s" for _ in NETWORKS.entries()
    ]
