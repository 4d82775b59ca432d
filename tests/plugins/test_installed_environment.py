"""All that is installed, as a record keeps it."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from mxdigits.plugins import environment
from mxdigits.plugins.environment import Changed, Installation, changed, installation


@pytest.fixture
def site(tmp_path, monkeypatch) -> Path:
    """A folder of distributions that Python looks into first."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def install(site: Path, name: str, number: str = "1", **files: str) -> None:
    folder = site / f"{name}-{number}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {number}\n")
    for file, text in files.items():
        (folder / f"{file}.json").write_text(text)


def test_what_is_installed_is_found_with_its_version(site):
    install(site, "zz-plain")
    install(site, "zz-local", direct_url='{"url": "file:///x"}')
    found = installation()
    assert found.distributions["numpy"] == version("numpy")
    assert found.distributions["zz-plain"] == "1"
    assert "zz-local" in found.from_files
    assert "zz-plain" not in found.from_files
    assert found.left_out == 0
    assert "zz-plain==1" in found.lines()
    assert "zz-local==1" not in found.lines()


def test_the_first_of_two_counts_and_damage_costs_only_itself(site):
    install(site, "numpy", "0.1")
    (site / "zz_broken-1.dist-info").mkdir()
    found = installation()
    assert found.distributions["numpy"] == "0.1"
    assert not any("broken" in name for name in found.distributions)


def test_copies_inside_setuptools_were_not_installed(tmp_path, monkeypatch):
    copies = tmp_path / "setuptools" / "_vendor"
    copies.mkdir(parents=True)
    install(copies, "zz-copied")
    monkeypatch.setattr("sys.path", [*sys.path, str(copies)])  # as importing setuptools does
    assert "zz-copied" not in installation().distributions


def test_there_is_a_bound(site, monkeypatch):
    monkeypatch.setattr(environment, "MOST_DISTRIBUTIONS", 2)
    found = installation()
    assert len(found.distributions) == 2
    assert found.left_out > 0


def test_what_changed():
    then = Installation(distributions={"A_b": "1", "gone": "2", "same": "3"})
    now = Installation(distributions={"a-b": "2", "new": "1", "same": "3"})
    assert list(changed(then, now)) == [
        Changed("a-b", "1", "2"),
        Changed("gone", "2", ""),
        Changed("new", "", "1"),
    ]
