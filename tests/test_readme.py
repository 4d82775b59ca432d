"""What the README shows is true: its plugin installs and trains, its Python runs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.+?)```", README, re.S)


def install(folder: Path, target: Path) -> None:
    """Install a package with pip, without asking any index."""
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"),
            *("--no-build-isolation", "--disable-pip-version-check", "--target", target, folder),
        ],
        check=True,
    )


PLUGIN = Path(__file__).parents[1] / "plugins" / "mxdigits-tiny"


@pytest.mark.parametrize("name", ["mxdigits_tiny.py", "setup.cfg", "pyproject.toml"])
def test_the_plugin_is_shown_as_it_is(name):
    language = {".py": "python", ".cfg": "ini", ".toml": "toml"}[Path(name).suffix]
    assert f"# {name}\n" + (PLUGIN / name).read_text() in blocks(language)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    """The README's plugin and a broken one, installed beside each other."""
    home = tmp_path_factory.mktemp("plugins")
    source, target = home / "tiny", home / "site"
    shutil.copytree(PLUGIN, source)
    install(source, target)
    broken = home / "broken"
    broken.mkdir()
    (broken / "broken.py").write_text("raise RuntimeError('not today')\n")
    (broken / "pyproject.toml").write_text((source / "pyproject.toml").read_text())
    (broken / "setup.cfg").write_text(
        "[metadata]\nname = broken\nversion = 2.5\n\n[options]\npy_modules = broken\n\n"
        "[options.entry_points]\nmxdigits.models =\n    broken = broken:Broken\n"
    )
    install(broken, target)
    return target


@pytest.mark.mxnet
def test_the_plugin_installs_and_trains_by_name(tiny, idx_folder, tmp_path, mxdigits_process):
    recipe = tmp_path / "mine.yaml"
    recipe.write_text(
        f"model: {{name: tiny, channels: 4}}\ndata: {{name: idx, path: {idx_folder}}}\nepochs: 1\n"
    )
    process = mxdigits_process("run", recipe, PYTHONPATH=str(tiny))
    assert process.stderr == ""
    (record,) = tmp_path.glob("runs/mine/*/run.json")
    assert json.loads(record.read_text())["plugins"]["model"] == {
        "name": "tiny",
        "distribution": "mxdigits-tiny",
        "version": "0.1",
    }
    # Its options are known before it is imported ...
    process = mxdigits_process("check", recipe, "model.chanels=3", PYTHONPATH=str(tiny))
    assert process.stderr == (
        "error: override model.chanels=3: model.chanels: unknown key; did you mean 'channels'?\n"
    )
    # ... and its run is scored without it.
    assert mxdigits_process("score", record.parent).returncode == 0


@pytest.mark.mxnet
def test_a_broken_plugin_breaks_nothing_but_itself(tiny, idx_folder, tmp_path, mxdigits_process):
    def states(*load):  # other plugins may be installed
        process = mxdigits_process("models", *load, PYTHONPATH=str(tiny))
        rows = (line.split(maxsplit=3) for line in process.stdout.splitlines())
        return {name: state for name, _, _, state in rows if name != "gluoncv"}

    assert states().keys() == {"name", "broken", "deep", "graph", "lenet", "mlp", "tiny"}
    assert states("--load") == {
        "name": "state",
        "broken": "broken: RuntimeError: not today",
        "deep": "ok",
        "graph": "ok",
        "lenet": "ok",
        "mlp": "ok",
        "tiny": "ok",
    }
    recipe = tmp_path / "mine.yaml"
    recipe.write_text(f"model: broken\ndata: {{name: idx, path: {idx_folder}}}\nepochs: 1\n")
    process = mxdigits_process("run", recipe, PYTHONPATH=str(tiny))
    assert process.stderr == (
        "error: model 'broken' (broken:Broken from broken 2.5) cannot be loaded: "
        "RuntimeError: not today\n"
    )
    assert process.returncode == 3


@pytest.mark.mxnet
def test_the_python_example_runs():
    (example,) = (b for b in blocks("python") if b.startswith("import mxdigits\n\nmx ="))
    process = subprocess.run(
        [sys.executable, "-c", example], capture_output=True, text=True, env=os.environ
    )
    assert process.stderr == ""
    assert float(process.stdout.split()[0]) > 0.9


def test_the_commands_of_the_table_exist(mxdigits_process):
    helped = mxdigits_process("--help").stdout
    for verb in re.findall(r"^\| `mxdigits (\w+)", README, re.M):
        assert f"\n  {verb}" in helped
