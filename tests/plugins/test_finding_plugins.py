"""What is installed is found without an import: names, owners, targets."""

from __future__ import annotations

import importlib
import sys

import pytest
from distributions import GROUP, refusal

from mxdigits.errors import PluginError, UsageError
from mxdigits.plugins.registry import DATASETS, MODELS, Registry
from mxdigits.plugins.signatures import Options


def test_nothing_is_offered():
    empty = Registry(GROUP, "model")
    assert empty.names() == []
    assert empty.entries() == []
    assert refusal(UsageError, empty.get, "x") == "unknown model 'x'; none are known"


@pytest.mark.mxnet
def test_the_built_in_factories():
    models = {e.name: str(e) for e in MODELS.entries() if e.distribution == "mxdigits"}
    datasets = {e.name: str(e) for e in DATASETS.entries() if e.distribution == "mxdigits"}
    version = importlib.import_module("mxdigits").__version__
    assert models == {
        "deep": f"mxdigits.models.deep:deep from mxdigits {version}",
        "graph": f"mxdigits.models.graph_file:graph_file from mxdigits {version}",
        "lenet": f"mxdigits.models.lenet:LeNet from mxdigits {version}",
        "mlp": f"mxdigits.models.mlp:MLP from mxdigits {version}",
    }
    assert datasets == {
        "fold": f"mxdigits.data.folds:fold from mxdigits {version}",
        "folder": f"mxdigits.data.folder:folder from mxdigits {version}",
        "idx": f"mxdigits.data.idx_folder:idx from mxdigits {version}",
        "mix": f"mxdigits.data.mix:mix from mxdigits {version}",
        "hands": f"mxdigits.data.hands.dataset:hands from mxdigits {version}",
        "mnist": f"mxdigits.data.mnist:mnist from mxdigits {version}",
        "npz": f"mxdigits.data.npz_set:npz from mxdigits {version}",
    }
    for each in (MODELS, DATASETS):
        assert {each.state(entry, load=True) for entry in each.entries()} == {"ok"}


def test_listing_imports_nothing(install, write, tmp_path):
    write(
        "reg_marks",
        """
        from pathlib import Path
        Path(__file__).with_name("imported").touch()
        def build(*, classes=10, depth=2): return classes, depth
        """,
    )
    found = install("reg-plugin", "2.3", marked="reg_marks:build", zebra="reg_marks:build")
    assert found.names() == ["marked", "zebra"]
    entry = found.entry("marked")
    assert str(entry) == "reg_marks:build from reg-plugin 2.3"
    assert found.state(entry) == "ok"
    assert found.options("marked") == Options({"classes": "10", "depth": "2"})
    assert not (tmp_path / "imported").exists()
    assert found.get("marked")() == (10, 2)
    assert (tmp_path / "imported").exists()


def test_other_groups_are_not_mixed_in(install):
    install("reg-other", group="mxdigits_tests.datasets", stranger="reg_other:build")
    assert install("reg-plugin", mine="reg_mine:build").names() == ["mine"]


def test_entries_name_every_owner_in_order_of_names(install):
    install("reg-one", b="reg_x:b", a="reg_x:a")
    found = install("reg-two", c="reg_x:c")
    assert [(e.name, e.distribution) for e in found.entries()] == [
        ("a", "reg-one"),
        ("b", "reg-one"),
        ("c", "reg-two"),
    ]


def test_one_distribution_on_two_paths_counts_once(install, write, tmp_path, monkeypatch):
    """As for imports: what is found first hides what comes after."""
    write("reg_shadow", "def build(*, classes): return 'first'")
    monkeypatch.syspath_prepend(str(tmp_path / "before"))
    install("reg-plugin", "1.0", thing="reg_nowhere:build")
    found = install("Reg_Plugin", "2.0", site=tmp_path / "before", thing="reg_shadow:build")
    assert [str(e) for e in found.entries("thing")] == ["reg_shadow:build from Reg_Plugin 2.0"]
    assert found.get("thing")(classes=1) == "first"


def test_names_may_be_in_any_script(install, write):
    write("reg_ziffern", "def größe(*, classes=10, tiefe=3): return classes * tiefe")
    found = install("reg-ziffern", **{"größtes": "reg_ziffern:größe"})
    assert found.names() == ["größtes"]
    assert found.make("größtes", {"tiefe": 2}, classes=4) == 8
    assert refusal(UsageError, found.get, "grösstes") == (
        "unknown model 'grösstes'; did you mean 'größtes'?"
    )


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("reg_absent:build", "ModuleNotFoundError: No module named 'reg_absent'"),
        ("reg_here.inner:build", "ModuleNotFoundError: No module named 'reg_here.inner'; "),
        ("reg_here:absent", "AttributeError: module 'reg_here' has no attribute 'absent'"),
    ],
)
def test_what_is_missing_is_seen_without_an_import(install, write, target, why):
    write("reg_here", "def build(): pass")
    found = install("reg-plugin", "0.9", broken=target, fine="reg_here:build")
    module, _, attribute = target.partition(":")
    reason = (
        f"module 'reg_here' has no {attribute!r}"
        if attribute == "absent"
        else f"there is no module {module!r}"
    )
    assert found.state(found.entry("broken")) == f"broken: {reason}"
    assert found.options("broken") is None
    assert found.state(found.entry("fine")) == "ok"
    assert "reg_here" not in sys.modules
    assert refusal(PluginError, found.get, "broken").startswith(
        f"model 'broken' ({target} from reg-plugin 0.9) cannot be loaded: {why}"
    )
    found.get("fine")()


@pytest.mark.parametrize("target", ["reg_here:build [fast]", "reg_here : build"])
def test_targets_may_be_written_as_the_standard_allows(install, write, target):
    write("reg_here", "def build(*, classes=3): return classes")
    found = install("reg-plugin", spaced=target)
    assert found.make("spaced", {}, classes=7) == 7
    assert found.state(found.entry("spaced")) == "ok"
    assert found.options("spaced") == Options({"classes": "3"})


@pytest.mark.parametrize(
    "target", ["not a target!", "reg_here", ":", "reg_here:", ":build", "reg_here:build:more"]
)
def test_a_target_that_is_none(install, write, target):
    write("reg_here", "def build(): pass")
    found = install("reg-plugin", odd=target)
    why = f"its entry point is {target!r}; it must be MODULE:OBJECT"
    assert found.state(found.entry("odd")) == f"broken: {why}"
    assert refusal(PluginError, found.get, "odd") == f"model 'odd' cannot be loaded: {why}"
