"""Fake distributions, as pip would leave them, and environments with plugins really installed."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from textwrap import dedent

import pytest
from distributions import GROUP

from mxdigits.plugins.registry import Registry


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


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Lay down a distribution: its metadata, its entry points, its modules."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(
        name: str, version: str = "1.0", *, site: Path = tmp_path, group: str = GROUP, **points: str
    ) -> Registry:
        info = site / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8"
        )
        lines = [f"{key} = {target}" for key, target in points.items()]
        (info / "entry_points.txt").write_text("\n".join([f"[{group}]", *lines]), encoding="utf-8")
        importlib.invalidate_caches()
        return Registry(GROUP, "model")

    yield install
    for module in [module for module in sys.modules if module.startswith("reg_")]:
        del sys.modules[module]


@pytest.fixture
def write(tmp_path):
    def write(name: str, source: str) -> None:
        (tmp_path / f"{name}.py").write_text(dedent(source), encoding="utf-8")
        importlib.invalidate_caches()

    return write
