"""Every folder of plugins/, as tox has installed it: its own tests, the kit, and a recipe."""

from __future__ import annotations

import json
import subprocess
import sys
from configparser import ConfigParser
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pytest

from mxdigits import Recipe, load_dataset
from mxdigits.data.idx import write_idx
from mxdigits.plugins.listing import list_plugins

pytestmark = pytest.mark.plugins

ROOT = Path(__file__).parents[2]
FOLDERS = {folder.parent.name: folder.parent for folder in ROOT.glob("plugins/*/setup.cfg")}


@pytest.fixture(scope="module")
def few_digits(tmp_path_factory) -> Path:
    """Some hundreds of MNIST, as IDX files."""
    folder, mnist = tmp_path_factory.mktemp("few"), load_dataset("mnist")
    for split, prefix in ((mnist.train[:600], "train"), (mnist.test[:200], "t10k")):
        write_idx(folder / f"{prefix}-images-idx3-ubyte", split.images[:, 0])
        write_idx(folder / f"{prefix}-labels-idx1-ubyte", split.labels.astype(np.uint8))
    return folder


def test_there_are_plugins():
    assert {"mxdigits-tiny", "mxdigits-stripes"} <= set(FOLDERS)


@pytest.mark.parametrize("name", FOLDERS)
def test_it_is_installed_as_it_says(name):
    config = ConfigParser()
    config.read(FOLDERS[name] / "setup.cfg")
    assert config["metadata"]["name"] == name
    assert distribution(name).version == config["metadata"]["version"]
    (plugin,) = (plugin for plugin in list_plugins() if plugin.name == name)
    assert plugin.state == "ok"
    assert plugin.registers


@pytest.mark.parametrize("name", FOLDERS)
def test_its_own_tests_pass(name):
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "."]
    done = subprocess.run(command, cwd=FOLDERS[name], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", FOLDERS)
def test_it_keeps_the_contract(name, mxdigits_process):
    done = mxdigits_process("plugins", "check", name)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


@pytest.mark.parametrize("name", FOLDERS)
def test_a_recipe_of_it_runs(name, mxdigits_process, tmp_path, few_digits):
    """For one epoch, and over a few digits where it would be all of MNIST."""
    recipe = min(FOLDERS[name].rglob("*.yaml"))
    overrides = ["epochs=1"]
    if Recipe.load(recipe).data.name == "mnist":
        overrides += ["data.name=idx", f"data.path={few_digits}"]
    done = mxdigits_process("run", recipe, *overrides, "--plain")
    assert done.returncode == 0, done.stdout + done.stderr
    (record,) = tmp_path.glob("runs/*/*/run.json")
    (plugin,) = (plugin for plugin in list_plugins() if plugin.name == name)
    if plugin.registers == ("network format crate",):  # which no recipe names
        done = mxdigits_process("export", record.parent, "--format", "crate")
        assert done.returncode == 0, done.stdout + done.stderr
        return
    plugins = json.loads(record.read_text())["plugins"]
    used = [each for part in plugins.values() for each in (part if type(part) is list else [part])]
    assert name in {each["distribution"] for each in used}
