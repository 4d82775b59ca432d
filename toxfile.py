"""Loaded by tox: refuses a Python that mxdigits does not support, before pip looks for packages.

pip alone would build NumPy from source for minutes there, and fail.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from packaging.specifiers import SpecifierSet
from tox.plugin import impl
from tox.tox_env.errors import Fail
from tox.tox_env.runner import RunToxEnv

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROJECT = tomllib.loads(Path(__file__).with_name("pyproject.toml").read_text(encoding="utf-8"))
PYTHONS = SpecifierSet(PROJECT["project"]["requires-python"])
VERSIONS = [f"3.{minor}" for minor in range(40) if f"3.{minor}" in PYTHONS]
NAMES = [f"python{version}" for version in VERSIONS]


@impl
def tox_on_install(tox_env: Any, arguments: Any, section: str, of_type: str) -> None:
    """Say which Python to take, before the first thing is installed beside mxdigits."""
    if not isinstance(tox_env, RunToxEnv) or tox_env.conf["skip_install"]:
        return
    here = ".".join(map(str, tox_env.base_python.version_info[:3]))
    if here in PYTHONS:
        return
    found = next(filter(_starts, reversed(NAMES)), "")
    raise Fail(
        f"mxdigits needs Python {VERSIONS[0]} to {VERSIONS[-1]}, and this is {here}: "
        f"{'' if found else 'install one, and '}"
        f"begin again with {found or NAMES[-1]} -m venv --clear .venv"
    )


def _starts(python: str) -> bool:
    """Whether an interpreter is there; a name on the PATH may lead to none."""
    try:
        return subprocess.run([python, "-c", ""], capture_output=True).returncode == 0
    except OSError:
        return False
