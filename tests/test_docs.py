"""What docs/plugins.md lists is what there is; tests/plugins runs its commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mxdigits.testing.datasets import READING
from mxdigits.testing.loading import LOADING
from mxdigits.testing.model_building import BUILDING
from mxdigits.testing.model_passes import PASSES
from mxdigits.testing.results import expectation

ROOT = Path(__file__).parents[1]
PLUGINS = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
CHECKS = {"LOADING": LOADING, "BUILDING PASSES": [*BUILDING, *PASSES], "READING": READING}


@pytest.mark.parametrize("lists", CHECKS)
def test_every_check_is_listed_with_what_it_expects(lists):
    _, _, after = PLUGINS.partition(f"<!-- checks: {lists} -->\n")
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", after.split("\n###")[0].split("\nA ")[0], re.M)
    assert rows == [(check.__name__, expectation(check)) for check in CHECKS[lists]]


@pytest.mark.parametrize("name", ["mxdigits_tiny.py", "tiny.yaml"])
def test_the_files_are_shown_as_they_are(name):
    shown = re.findall(r"```(?:python|yaml)\n(.+?)```", PLUGINS, re.S)
    assert (ROOT / "plugins" / "mxdigits-tiny" / name).read_text(encoding="utf-8") in shown
