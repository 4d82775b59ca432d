"""Every link of the documentation, and every file that a package names, leads to what is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import mxdigits

HOME = Path(mxdigits.__file__).parent
ROOT = Path(__file__).parents[1]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
    *sorted(ROOT.glob("benchmarks/*.md")),
    *sorted(ROOT.glob("docs/*.md")),
    *sorted(ROOT.glob("plugins/*/README.md")),
]


def anchors(page: Path) -> set[str]:
    """The names that GitHub gives to the headings of a page."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    lost = []
    for link in links:
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        if "://" in link:
            continue
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    assert lost == []


PACKAGES = sorted(HOME.rglob("__init__.py"))


@pytest.mark.parametrize(
    "package", PACKAGES, ids=lambda file: str(file.parent.relative_to(HOME.parent))
)
def test_a_package_names_files_that_it_has(package):
    """Its docstring says where to start reading, and what stands where."""
    told = ast.get_docstring(ast.parse(package.read_bytes())) or ""
    named = re.findall(r"``([\w./]+\.(?:py|js|html))``", told)
    beside = [package.parent.parent, HOME, HOME.parent]
    lost = [name for name in named if not any((place / name).exists() for place in beside)]
    assert [name for name in lost if not any(package.parent.rglob(name))] == []
