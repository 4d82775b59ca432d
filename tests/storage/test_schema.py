"""What pydantic checks for mxdigits does not hang on what else is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from textwrap import dedent

import pytest

from mxdigits.storage.schema import Schema

SWITCH = "PYDANTIC_DISABLE_PLUGINS"


@pytest.fixture
def site(tmp_path):
    """A distribution with a line that importlib cannot take."""
    info = tmp_path / "other-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[console_scripts]\nnoval\n")
    return tmp_path


@pytest.mark.parametrize(
    "source",
    [
        "from mxdigits.cli import main; raise SystemExit(main(['recipes']))",
        "from mxdigits.cli import main; raise SystemExit(main(['check', 'mlp']))",
        "from mxdigits.cli import main; raise SystemExit(main(['check', '--schema']))",
        "from mxdigits.cli import main; raise SystemExit(main(['plugins']))",
        "import mxdigits; print(mxdigits.Recipe.make(model='mlp').epochs)",
        "import mxdigits.serve.body, mxdigits.runs.record, mxdigits.runs.folder; print('imported')",
    ],
)
def test_a_malformed_line_of_another_distribution(site, source):
    done = subprocess.run(
        [sys.executable, "-c", dedent(source)],
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


@pytest.mark.parametrize("value", [None, "other"])
def test_the_switch_of_others_stays_as_it_was(monkeypatch, value):
    if value is None:
        monkeypatch.delenv(SWITCH, raising=False)
    else:
        monkeypatch.setenv(SWITCH, value)

    class Point(Schema):
        x: int

    assert Point(x=1).x == 1
    assert os.environ.get(SWITCH) == value
