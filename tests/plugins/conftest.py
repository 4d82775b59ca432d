"""Virtual environments in which plugins are really installed."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest


@pytest.fixture
def shell(tmp_path):
    """Run shell commands in an empty folder, in an environment of its own.

    The environment sees all that this one has installed, mxdigits included, and takes whatever is
    installed on top. It asks no index.
    """
    home = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    python = home / "bin" / "python"
    (site,) = home.glob("lib/python*/site-packages")
    here = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    # addsitedir, because an editable install is a .pth file itself.
    lines = [f"import site; site.addsitedir({path!r})" for path in dict.fromkeys(here)]
    (site / "parent.pth").write_text("\n".join(lines) + "\n")
    for tool in ("pip", "pytest", "mxdigits"):
        script = home / "bin" / tool
        script.write_text(f'#!/bin/sh\nexec "{python}" -m {tool} "$@"\n')
        script.chmod(0o755)
    folder = tmp_path / "work"
    folder.mkdir()
    (tmp_path / "pip.conf").write_text(
        "[install]\nno-index = true\nno-build-isolation = false\nno-deps = true\nquiet = true\n"
    )

    def run(command: str, *, cwd: Path = folder, **environment: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=cwd,
            env={
                **os.environ,
                "PATH": os.pathsep.join([str(home / "bin"), os.environ["PATH"]]),
                "PIP_CONFIG_FILE": str(tmp_path / "pip.conf"),
                "PIP_DISABLE_PIP_VERSION_CHECK": "1",
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=600,
        )

    run.folder = folder
    return run
