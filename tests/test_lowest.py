"""The least versions that pyproject.toml promises are the ones that tox tries."""

from __future__ import annotations

import re
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

if sys.version_info >= (3, 11):
    import tomllib
else:
    tomllib = pytest.importorskip("tomli")  # comes with pytest under these Pythons

ROOT = Path(__file__).parents[1]


def test_tox_tries_the_least_that_is_promised():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    tried_with = [text for extra in ("report", "serve", "sweep") for text in extras[extra]]
    required = map(Requirement, [*project["dependencies"], *tried_with])
    promised = {
        each.name: Version(spec.version)
        for each in required
        for spec in each.specifier
        if spec.operator == ">="
    }
    config = ConfigParser(interpolation=None)
    config.read(ROOT / "tox.ini", encoding="utf-8")
    pins = re.findall(r"^lowest: (\S+)==(\S+)$", config["testenv"]["deps"], re.M)
    tried = {name: Version(version) for name, version in pins}
    del tried["pyparsing"]  # only for an old matplotlib
    assert tried == promised
