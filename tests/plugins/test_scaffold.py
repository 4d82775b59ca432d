"""The scaffold: what it writes is what plugins/ holds, and what it will not write over."""

from __future__ import annotations

import ast
import configparser
import subprocess
from pathlib import Path

import pytest

from mxdigits.cli import main
from mxdigits.cli.commands.plugins import Kind
from mxdigits.plugins import scaffold
from mxdigits.plugins.registry import MODELS, NETWORKS, REGISTRIES
from mxdigits.plugins.scaffold import Names, write_plugin

PLUGINS = Path(__file__).parents[2] / "plugins"


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        code = main(["plugins", "new", *arguments])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return call


def contents(folder: Path, files: list[str]) -> dict[str, str]:
    return {file: (folder / file).read_text(encoding="utf-8") for file in files}


TEMPLATES = {
    "model": "mxdigits-tiny",
    "dataset": "mxdigits-stripes",
    "augmentation": "mxdigits-grain",
    "callback": "mxdigits-target",
    "format": "mxdigits-tsv",
    "network-format": "mxdigits-crate",
}


def test_every_kind_can_be_begun():
    assert [kind.value for kind in Kind] == list(TEMPLATES)
    assert len(TEMPLATES) == len({*REGISTRIES} - {NETWORKS})  # mxdigits package writes those


@pytest.mark.parametrize(("kind", "name"), TEMPLATES.items())
def test_under_its_own_name_a_template_is_written_as_it_is(tmp_path, name, kind):
    files = [file.removeprefix(f"{name}/") for file in write_plugin(name, kind, tmp_path)]
    assert contents(tmp_path / name, files) == contents(PLUGINS / name, files)
    kept = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PLUGINS / name,
        capture_output=True,
        text=True,
    )
    assert kept.stdout.split() in ([], sorted(files)), "a file that the scaffold does not write"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("my-tiny-net2", "model"),
        ("my-bars", "dataset"),
        ("my-snow", "augmentation"),
        ("my-stop", "callback"),
        ("my-table", "format"),
        ("my-box", "network-format"),
    ],
)
def test_every_name_is_changed(tmp_path, name, kind):
    files = write_plugin(name, kind, tmp_path)
    names = Names(name)
    assert f"{name}/{names.module}.py" in files
    assert f"{name}/tests/test_{names.registered}.py" in files
    assert f"{name}/{names.registered}.yaml" in files
    for file in files:
        text = (tmp_path / file).read_text(encoding="utf-8")
        for own in names.all:
            text = text.replace(own, "")
        registered = Names(TEMPLATES[kind]).registered
        assert not {old for old in (registered, registered.capitalize()) if old in text}, file
        if file.endswith(".py"):
            ast.parse((tmp_path / file).read_text(encoding="utf-8"))
    parser = configparser.ConfigParser()
    parser.read(tmp_path / name / "setup.cfg")
    assert parser["metadata"]["name"] == name
    assert parser["metadata"]["long_description"] == "file: README.md"
    assert parser["options"]["py_modules"] == names.module


def test_names():
    assert Names("mxdigits-tiny").all == ("mxdigits-tiny", "mxdigits_tiny", "Tiny", "tiny")
    assert Names("my-net").all == ("my-net", "my_net", "MyNet", "my_net")


def test_the_command_says_what_comes_next(call, tmp_path):
    code, out, err = call("mxdigits-fresh")
    assert (code, err) == (0, "")
    assert out == (
        "mxdigits-fresh/README.md\n"
        "mxdigits-fresh/fresh.yaml\n"
        "mxdigits-fresh/mxdigits_fresh.py\n"
        "mxdigits-fresh/pyproject.toml\n"
        "mxdigits-fresh/setup.cfg\n"
        "mxdigits-fresh/tests/test_fresh.py\n"
        "mxdigits-fresh/tox.ini\n"
        "\n"
        "next: pip install -e mxdigits-fresh && mxdigits plugins check mxdigits-fresh "
        "&& pytest mxdigits-fresh\n"
    )
    again = call("mxdigits-fresh")
    assert again == (2, "", "error: mxdigits-fresh is there already; nothing was written\n")


FORM = (
    "cannot be the name of a package: write lower-case letters, digits and single hyphens, "
    "a letter first, as in mxdigits-tiny"
)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        *((name, f"{name!r} {FORM}") for name in ("My Net", "../x", "a--b", "a-", "1a", "größe")),
        ("class", "'class' cannot be the name of a package: class is taken"),
        ("mxdigits-for", "'mxdigits-for' cannot be the name of a package: for is taken"),
        ("mxdigits", "'mxdigits' cannot be the name of a package: mxdigits is taken"),
        ("numpy", "there is a package 'numpy' already; choose another name"),
        ("json", "there is a module 'json' already; choose another name"),
    ],
)
def test_bad_names(call, tmp_path, name, why):
    assert call(name) == (2, "", f"error: {why}\n")
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_in_recipes(call, tmp_path):
    assert call("mxdigits-lenet") == (
        2,
        "",
        f"error: there is a model 'lenet' already ({MODELS.entry('lenet')}); choose another name\n",
    )
    assert call("mxdigits-lenet", "--kind", "dataset")[0] == 0


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch])
def test_what_is_there_stays(call, tmp_path, make):
    make(tmp_path / "my-net")
    code, _, err = call("my-net")
    assert (code, err) == (2, "error: my-net is there already; nothing was written\n")
    assert [path.name for path in tmp_path.rglob("*")] == ["my-net"]


def test_where_nothing_can_be_written(call, tmp_path, monkeypatch):
    def refuse(self, *_, **__):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(scaffold.Path, "mkdir", refuse)
    assert call("my-net") == (3, "", "error: cannot write my-net: Read-only file system\n")
