"""Damaged distributions and archives cost no more than their own plugins."""

from __future__ import annotations

import importlib
import os
import zipfile
from importlib.metadata import Distribution
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from distributions import GROUP, refusal

from mxdigits.errors import PluginError
from mxdigits.plugins import installed as installed_distributions
from mxdigits.plugins.distribution_files import read_entry_points, read_metadata
from mxdigits.plugins.installed import installed

METADATA = b"Metadata-Version: 2.1\nName: reg-bad\nVersion: 1.0\n"


def write_raw(site: Path, **files: bytes) -> None:
    """A distribution of these very bytes; METADATA and entry_points.txt by their first words."""
    info = site / "reg_bad-1.0.dist-info"
    info.mkdir()
    for name, content in files.items():
        (info / {"metadata": "METADATA", "points": "entry_points.txt"}[name]).write_bytes(content)
    importlib.invalidate_caches()


POINTS = f"[{GROUP}]\nbad = reg_bad:build\n".encode()


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"points": POINTS}, "METADATA is missing"),
        ({"points": POINTS, "metadata": b""}, "METADATA is missing"),
        ({"points": POINTS, "metadata": b"\xff\xfe\x00garbage"}, "METADATA has no Name"),
        ({"points": POINTS, "metadata": b"Name: reg-bad\n\nVersion: 1"}, "METADATA has no Version"),
        (
            {"points": POINTS, "metadata": METADATA + b"x" * 1_000_000},
            "METADATA cannot be read: more than 1,000,000 bytes",
        ),
        (
            {"points": POINTS, "metadata": METADATA + b"Requires-Dist: reg-x\n" * 1001},
            "METADATA has more than 1000 requirements",
        ),
        (
            {"points": POINTS, "metadata": METADATA + b"Requires-Dist: " + b"x" * 501},
            "METADATA has one requirement of more than 500 characters",
        ),
        (
            {"points": POINTS, "metadata": b"Name: " + b"x" * 501 + b"\nVersion: 1\n"},
            "METADATA has one name of more than 500 characters",
        ),
    ],
)
def test_a_distribution_with_damaged_metadata_is_listed_and_not_used(
    install, write, tmp_path, files, fault
):
    write("reg_bad", "def build(): pass")
    write_raw(tmp_path, **files)
    found = install("reg-plugin", whole="reg_bad:build")
    assert found.names() == ["bad", "whole"]
    assert str(found.entry("bad")) in ("reg_bad:build from reg_bad 1.0",)
    assert found.state(found.entry("bad")) == f"broken: {fault}"
    assert found.state(found.entry("whole")) == "ok"
    assert refusal(PluginError, found.get, "bad") == (
        f"model 'bad' (reg_bad:build from reg_bad 1.0) is damaged: {fault}"
    )


@pytest.mark.parametrize(
    ("points", "fault"),
    [
        (POINTS + b"\xff", "entry_points.txt is not UTF-8 text"),
        (
            b"lost = a:b\n" + POINTS,
            "entry_points.txt cannot be read: File contains no section headers. "
            "file: '<string>', line: 1 'lost = a:b\\n'",
        ),
        (
            POINTS + b"#" * 1_000_000,
            "entry_points.txt cannot be read: more than 1,000,000 bytes",
        ),
        (
            POINTS + b"".join(b"bad%d = reg_bad:build\n" % i for i in range(1000)),
            "entry_points.txt has more than 1000 entry points",
        ),
        (
            POINTS + b"long = " + b"a." * 250 + b"b:build\n",
            "entry_points.txt has one entry point of more than 500 characters",
        ),
    ],
)
def test_entry_points_that_cannot_be_read_cost_only_their_own(install, tmp_path, points, fault):
    write_raw(tmp_path, metadata=METADATA, points=points)
    assert install("reg-plugin", whole="reg_whole:build").names() == ["whole"]
    (bad,) = (each for each in installed(GROUP) if each.name == "reg-bad")
    assert (bad.version, bad.offers, bad.fault) == ("1.0", {}, fault)


def write_archive(tmp_path, monkeypatch, points: bytes) -> Path:
    """A distribution in an archive on the path, with its module beside it."""
    archive = tmp_path / "reg.zip"
    with ZipFile(archive, "w", ZIP_DEFLATED) as file:
        file.writestr("reg_bad-1.0.dist-info/METADATA", METADATA)
        file.writestr("reg_bad-1.0.dist-info/entry_points.txt", points)
        file.writestr("reg_zipped.py", "def build(*, classes=3): return classes")
    monkeypatch.syspath_prepend(str(archive))
    importlib.invalidate_caches()
    return archive


def test_a_plugin_in_an_archive(install, tmp_path, monkeypatch):
    write_archive(tmp_path, monkeypatch, f"[{GROUP}]\nzipped = reg_zipped:build\n".encode())
    found = install("reg-plugin")
    assert found.state(found.entry("zipped")) == "ok"
    assert found.options("zipped") is None
    assert found.make("zipped", {}, classes=4) == 4


def test_a_damaged_archive_costs_only_its_own(install, write, tmp_path, monkeypatch):
    write("reg_here", "def build(): pass")
    archive = write_archive(tmp_path, monkeypatch, b"#" * 1000 + POINTS)
    content = bytearray(archive.read_bytes())
    content[content.index(b"entry_points.txt") + len(b"entry_points.txt") + 10] ^= 255
    archive.write_bytes(content)
    found = install("reg-plugin", whole="reg_here:build")
    assert found.names() == ["whole"]
    (bad,) = (each for each in installed(GROUP) if each.name == "reg-bad")
    assert bad.fault.startswith("entry_points.txt cannot be read: ")


def test_an_archive_is_not_unpacked_beyond_what_people_write(install, tmp_path, monkeypatch):
    write_archive(tmp_path, monkeypatch, POINTS + b"#" * 50_000_000)
    assert install("reg-plugin").names() == []
    (bad,) = (each for each in installed(GROUP) if each.name == "reg-bad")
    assert bad.fault == "entry_points.txt cannot be read: more than 1,000,000 bytes"


class Elsewhere(Distribution):
    """A distribution in an archive that somebody else opens, as a backport of importlib does."""

    def __init__(self, path):
        self._path = path

    def read_text(self, filename):
        pytest.fail("this reads the whole file")

    def locate_file(self, path):
        pytest.fail("nobody asks")


class PathElsewhere:
    """What such a one calls a path: like zipfile's, and of another class."""

    def __init__(self, path):
        self._path = path

    def joinpath(self, name):
        return PathElsewhere(self._path.joinpath(name))

    def open(self, mode):
        return self._path.open(mode)


def test_an_archive_is_read_alike_whoever_opens_it(tmp_path, monkeypatch):
    """Importing setuptools may put a backport in the place of Python's own finder."""
    archive = write_archive(tmp_path, monkeypatch, POINTS + b"#" * 50_000_000)
    inside = zipfile.Path(archive, "reg_bad-1.0.dist-info/")
    assert read_entry_points(Elsewhere(PathElsewhere(inside)), GROUP) == (
        {},
        "entry_points.txt cannot be read: more than 1,000,000 bytes",
    )
    assert read_metadata(Elsewhere(PathElsewhere(inside))).name == "reg-bad"


def test_a_distribution_that_tells_nothing_of_itself_costs_only_its_own():
    class Hidden(Elsewhere):
        _path = property(lambda self: 1 / 0, lambda self, path: None)

    assert read_entry_points(Hidden(None), GROUP) == (
        {},
        "entry_points.txt cannot be read: ZeroDivisionError: division by zero",
    )
    found = read_metadata(Hidden(None))
    assert (found.name, found.version) == ("?", "-")
    assert found.fault == "METADATA cannot be read: ZeroDivisionError: division by zero"


def test_what_a_distribution_requires_is_looked_up_once(install, write, tmp_path, monkeypatch):
    write("reg_bad", "def build(): pass")
    points = f"[{GROUP}]\none = reg_bad:build\ntwo = reg_bad:build\n".encode()
    write_raw(tmp_path, metadata=METADATA + b"Requires-Dist: reg-absent\n", points=points)
    asked = []
    unmet = installed_distributions.unmet
    monkeypatch.setattr(
        installed_distributions, "unmet", lambda name: asked.append(name) or unmet(name)
    )
    found = install("reg-plugin")
    assert {found.state(entry) for entry in found.entries()} == {
        "incompatible: needs reg-absent, which is not installed"
    }
    assert asked == ["reg-bad"]


def test_a_name_in_several_lines_is_shown_in_one(install, write, tmp_path):
    write("reg_bad", "def build(): pass")
    write_raw(tmp_path, metadata=b"Name: reg-bad\n and more\nVersion: 1.0\n", points=POINTS)
    assert str(install("reg-plugin").entry("bad")) == "reg_bad:build from reg-bad and more 1.0"


def test_a_pipe_among_the_metadata_is_not_waited_for(install, tmp_path):
    write_raw(tmp_path, metadata=METADATA)
    os.mkfifo(tmp_path / "reg_bad-1.0.dist-info" / "entry_points.txt")
    assert install("reg-plugin", whole="reg_whole:build").names() == ["whole"]


def test_one_byte_that_is_no_utf8_costs_nothing(install, write, tmp_path):
    write("reg_bad", "def build(): pass")
    write_raw(tmp_path, metadata=METADATA + b"Author: Andr\xe9\n", points=POINTS)
    found = install("reg-plugin", whole="reg_whole:build")
    assert str(found.entry("bad")) == "reg_bad:build from reg-bad 1.0"
    assert found.state(found.entry("bad")) == "ok"


def test_a_line_without_a_target_costs_only_its_own_name(install, write, tmp_path):
    write("reg_bad", "def build(): pass")
    write_raw(tmp_path, metadata=METADATA, points=POINTS + b"alone\n[console_scripts]\nnoval\n")
    found = install("reg-plugin")
    assert found.names() == ["alone", "bad"]
    assert found.state(found.entry("alone")) == (
        "broken: its entry point is ''; it must be MODULE:OBJECT"
    )
    assert found.state(found.entry("bad")) == "ok"


def test_what_is_left_of_another_version_does_not_hide_a_whole_one(install, write, tmp_path):
    write("reg_bad", "def build(): pass")
    write_raw(tmp_path, points=POINTS)
    found = install("reg-bad", "2.0", bad="reg_bad:build")
    assert [str(each) for each in found.entries("bad")] == ["reg_bad:build from reg-bad 2.0"]
    assert found.state(found.entry("bad")) == "ok"
