"""Loaded by tox: refuses a Python that mxdigits does not support, before pip looks for packages.

pip alone would build NumPy from source for minutes there, and fail.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
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
# Up to which Python there is an MXNet says the extra that brings it.
MXNET = "cpu"
MARKER = Requirement(PROJECT["project"]["optional-dependencies"][MXNET][0]).marker


def _takes(version: str, extras: Collection[str]) -> bool:
    """Whether an environment with some extras can be made under a version of Python."""
    return version in PYTHONS and (
        MXNET not in extras or MARKER is None or MARKER.evaluate({"python_version": version})
    )


@impl
def tox_on_install(tox_env: Any, arguments: Any, section: str, of_type: str) -> None:
    """Say which Python to take, before the first thing is installed beside mxdigits."""
    if not isinstance(tox_env, RunToxEnv) or tox_env.conf["skip_install"]:
        return
    extras = tox_env.conf["extras"]
    here = ".".join(map(str, tox_env.base_python.version_info[:3]))
    if _takes(".".join(here.split(".")[:2]), extras):
        return
    versions = [f"3.{minor}" for minor in range(15) if _takes(f"3.{minor}", extras)]
    names = [f"python{version}" for version in versions]
    found = next(filter(_starts, reversed(names)), "")
    raise Fail(
        f"{tox_env.name} needs Python {versions[0]} to {versions[-1]}, and this is {here}: "
        f"{'' if found else 'install one, and '}"
        f"begin again with {found or names[-1]} -m venv --clear .venv"
    )


def _starts(python: str) -> bool:
    """Whether an interpreter is there; a name on the PATH may lead to none."""
    try:
        return subprocess.run([python, "-c", ""], capture_output=True).returncode == 0
    except OSError:
        return False
