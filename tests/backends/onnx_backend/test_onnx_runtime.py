"""How onnxruntime is started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("onnxruntime", reason="it is what is started")

SAID = "import os; print(os.environ['ORT_DISABLE_TELEMETRY'])"


def started(home: Path, **variables: str) -> str:
    """What ORT_DISABLE_TELEMETRY is in a process that has started onnxruntime."""
    environment = {k: v for k, v in os.environ.items() if k != "ORT_DISABLE_TELEMETRY"}
    environment |= {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), **variables}
    code = f"from mxdigits.backends.onnx.runtime import import_onnxruntime as i; i(); {SAID}"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_it_keeps_no_number_for_the_machine_and_sends_nothing(tmp_path):
    assert started(tmp_path) == "1"
    assert list(tmp_path.rglob("*")) == []


def test_who_has_chosen_keeps_the_choice(tmp_path):
    assert started(tmp_path, ORT_DISABLE_TELEMETRY="0") == "0"
