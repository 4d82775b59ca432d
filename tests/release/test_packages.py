"""The sdist and the wheel as a release has them: built from a clone, checked, and used.

Run with -m release, or by ``tox -e release``; needs build and twine.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

from mxdigits import __version__

pytestmark = pytest.mark.release

ROOT = Path(__file__).parents[2]
NAME = f"mxdigits-{__version__}"


def run(*command, cwd, **more) -> str:
    """What a command prints; the test fails with it if the command does."""
    words = [sys.executable, "-m", *map(str, command)]
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def tracked(clone: Path) -> set[str]:
    """The files that git knows; where a link leads to a folder, what is in that."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=clone, capture_output=True, check=True)
    names = {name for name in listed.stdout.decode().split("\0") if name}
    links = {name for name in names if (clone / name).is_symlink()}
    for link in links:
        target = (clone / link).resolve().relative_to(clone).as_posix() + "/"
        names |= {f"{link}/{name[len(target) :]}" for name in names if name.startswith(target)}
    return names - links


@pytest.fixture(scope="session")
def clone(tmp_path_factory) -> Path:
    """What is committed, and nothing else."""
    folder = tmp_path_factory.mktemp("release") / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    return folder.resolve()


@pytest.fixture(scope="session")
def built(clone) -> Path:
    """A folder with the sdist, and the wheel that was built from it."""
    run("build", cwd=clone)
    return clone / "dist"


@pytest.fixture(scope="session")
def wheel(built) -> Path:
    return built / f"{NAME}-py3-none-any.whl"


def test_there_is_one_of_each(built, wheel):
    assert {path.name for path in built.iterdir()} == {f"{NAME}.tar.gz", wheel.name}


def test_an_index_would_take_them(built):
    printed = run("twine", "check", "--strict", *sorted(built.iterdir()), cwd=built)
    assert printed.count("PASSED") == 2


def test_the_sdist_holds_all_that_is_tracked(built, clone):
    with tarfile.open(built / f"{NAME}.tar.gz") as archive:
        members = archive.getmembers()
    assert {member.type for member in members} <= {tarfile.REGTYPE, tarfile.DIRTYPE}
    held = {member.name.partition("/")[2] for member in members if member.isfile()}
    made = {name for name in held if name == "PKG-INFO" or name.startswith("mxdigits.egg-info/")}
    assert held - made == {name for name in tracked(clone) if not name.startswith((".ci/", ".git"))}


def test_the_wheel_holds_the_package_and_nothing_else(wheel, clone):
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if not name.startswith(f"{NAME}.dist-info/")}
    assert held == {name for name in tracked(clone) if name.startswith("mxdigits/")}


def test_the_metadata_are_complete(wheel):
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(f"{NAME}.dist-info/METADATA").decode()
        licences = [name for name in archive.namelist() if ".dist-info/licenses/" in name]
    metadata = Parser().parsestr(text)
    assert metadata["Requires-Python"] == ">=3.9"
    assert metadata["Author"] == "mxdigits maintainers"
    assert metadata["License-Expression"] == "Apache-2.0 AND CC-BY-SA-3.0 AND MIT"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload().startswith("# mxdigits\n")
    assert {"bench", "cpu", "cu112", "cu117", "dev", "report", "serve", "test", "xla"} <= set(
        metadata.get_all("Provides-Extra")
    )
    assert {Path(name).name for name in licences} == {"LICENSE", "NOTICE"}


def test_the_wheel_works(wheel, tmp_path):
    """It finds what it brings: recipes, MNIST, the templates of reports and of the scaffold."""
    site = tmp_path / "site"
    run("pip", "install", "--no-deps", "--no-index", "--target", site, wheel, cwd=tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(site)}

    def mxdigits(*arguments) -> str:
        return run("mxdigits", *arguments, cwd=tmp_path, env=environment)

    assert "resnet20_short" in mxdigits("recipes")
    mxdigits("run", "mlp", "epochs=1", "--plain")
    (folder,) = tmp_path.glob("runs/mlp/*")
    assert (folder / "report.html").is_file()
    for kind in ("model", "dataset"):
        mxdigits("plugins", "new", f"my-{kind}", "--kind", kind)
        assert (tmp_path / f"my-{kind}" / "setup.cfg").is_file()
