"""What the scaffold writes installs, passes the kit and its own tests, and trains."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.plugins


@pytest.mark.parametrize(
    ("name", "kind", "registered"),
    [
        ("mxdigits-narrow", "model", "narrow"),
        ("my-bars", "dataset", "my_bars"),
        ("mxdigits-snow", "augmentation", "snow"),
        ("my-stop", "callback", "my_stop"),
        ("mxdigits-tab", "format", "tab"),
        ("my-box", "network-format", "my_box"),
    ],
)
def test_a_new_plugin_works_at_once(shell, name, kind, registered):
    new = shell(f"mxdigits plugins new {name} --kind {kind}")
    assert (new.returncode, new.stderr) == (0, "")
    written, told = new.stdout.split("\n\n")
    assert sorted(written.split()) == sorted(
        str(file.relative_to(shell.folder)) for file in shell.folder.rglob("*") if file.is_file()
    )
    command = told.strip().removeprefix("next: ")
    assert command == f"pip install -e {name} && mxdigits plugins check {name} && pytest {name}"
    done = shell(command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "failed" not in done.stdout
    tests = sum(
        len(re.findall("^def test_", file.read_text(), re.MULTILINE))
        for file in (shell.folder / name).rglob("test_*.py")
    )
    (passed,) = re.findall(r"=+ (\d+) passed in", done.stdout)
    assert int(passed) >= tests >= 3
    listed = [line.split() for line in shell("mxdigits plugins").stdout.splitlines()]
    noun = ["data", "set"] if kind == "dataset" else kind.split("-")
    assert [name, "0.1", "ok", *noun, registered] in listed
