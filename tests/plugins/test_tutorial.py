"""Every command of docs/plugins.md, word for word and in order, in a fresh environment."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

pytestmark = pytest.mark.plugins

ROOT = Path(__file__).parents[2]
TUTORIAL = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")


class _Index(BaseHTTPRequestHandler):
    """An index that takes whatever is uploaded, and keeps the files' names."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.files += re.findall(rb'name="content"; filename="(.+?)"', body)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def index():
    server = HTTPServer(("127.0.0.1", 0), _Index)
    server.files = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def clean(home: Path) -> dict[str, str]:
    """The variables of a user's shell with an environment active; none of the tests' own."""
    ours = ("OMP_", "PYTHON", "PYTEST_", "TOX_", "VIRTUAL_ENV", "MXDIGITS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "PATH": os.pathsep.join([str(home / "bin"), os.environ["PATH"]])}


def test_the_tutorial_from_nothing_to_an_upload(tmp_path, index):
    home, folder = tmp_path / "venv", tmp_path / "work"
    folder.mkdir()
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    (needs,) = re.findall(r"^`(pip install .+?)`", TUTORIAL, re.M)
    commands = [needs.replace("'.[", f"'{ROOT}[")]
    for block in re.findall(r"^```sh\n(.+?)^```", TUTORIAL, re.S | re.M):
        commands += block.splitlines()
    assert len(commands) > 15
    environment = {
        **clean(home),
        "TWINE_REPOSITORY_URL": f"http://127.0.0.1:{index.server_port}/",
        "TWINE_USERNAME": "__token__",
        "TWINE_PASSWORD": "secret",
    }
    said = {}
    for command in commands:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=900,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        said[command] = done.stdout
    assert "model tiny" in said["mxdigits plugins"]
    assert "3 passed" in said["pytest mxdigits-tiny"]
    assert "tiny" in said["MXDIGITS_PLUGINS=mxdigits-tiny mxdigits models"]
    assert "tiny" not in said["MXDIGITS_PLUGINS= mxdigits models"]
    (record,) = folder.glob("runs/tiny/*/run.json")
    assert json.loads(record.read_text())["plugins"]["model"] == {
        "name": "tiny",
        "distribution": "mxdigits-tiny",
        "version": "0.1",
    }
    assert sorted(index.files) == [
        b"mxdigits_tiny-0.1-py3-none-any.whl",
        b"mxdigits_tiny-0.1.tar.gz",
    ]


def test_an_authors_tox_takes_the_versions_from_its_names(tmp_path):
    """One of its environments, with the Python at hand and this checkout of mxdigits."""
    python = "py{}{}".format(*sys.version_info)
    new = [sys.executable, "-m", "mxdigits", "plugins", "new", "mxdigits-tried"]
    subprocess.run(new, cwd=tmp_path, check=True)
    done = subprocess.run(
        [sys.executable, "-m", "tox", "-e", f"{python}-mxdigitsdev-mxnet191-numpy126"],
        cwd=tmp_path / "mxdigits-tried",
        env={**clean(Path(sys.prefix)), "MXDIGITS": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=1800,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "model tried (mxdigits_tried:TriedConv from mxdigits-tried 0.1)" in done.stdout
    assert "3 passed" in done.stdout
