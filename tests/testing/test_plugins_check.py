"""``mxdigits plugins check`` and the helpers for pytest; test_broken_plugins.py has the checks."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mxdigits.cli import main
from mxdigits.errors import UsageError
from mxdigits.plugins import listing as plugins
from mxdigits.plugins.registry import AUGMENTATIONS, CALLBACKS, DATASETS, EXPORTERS, MODELS
from mxdigits.testing import check_dataset, check_model, check_plugin
from mxdigits.testing.results import Broken, NotApplicable, run_checks, vital


@pytest.fixture
def call(capsys):
    def call(*arguments):
        code = main(["plugins", "check", *map(str, arguments)])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return call


@pytest.fixture
def register(monkeypatch):
    """Register factories in this process for one test."""
    for registry in (MODELS, DATASETS):
        monkeypatch.setattr(registry, "_registered", {})
    return lambda registry, name, factory: registry.register(name)(factory)


def skipped(report) -> dict[str, str]:
    return {result.check: result.got for result in report.results if result.state == "skipped"}


@pytest.mark.mxnet
def test_the_models_that_ship_keep_the_contract():
    mlp, lenet = check_model("mlp"), check_model("lenet")
    assert (mlp.failed, lenet.failed) == ((), ())
    assert (skipped(mlp), skipped(lenet)) == ({}, {})
    assert mlp.figures["parameters"] == 109_386
    assert lenet.figures["parameters"] == 431_080
    assert set(mlp.figures) == {"load_seconds", "build_seconds", "parameters"}
    (shapes,) = (r.got for r in lenet.results if r.check == "takes_the_image_shapes_it_claims")
    assert shapes == "1x28x28, 1x16x16, 3x32x32"


@pytest.mark.parametrize(
    ("registry", "name"),
    [
        pytest.param(registry, name, marks=[pytest.mark.mxnet] * (registry is AUGMENTATIONS))
        for registry in (AUGMENTATIONS, CALLBACKS, EXPORTERS)
        for name in registry.names()
        if registry.entry(name).distribution == "mxdigits"
    ],
)
def test_everything_else_that_ships_keeps_the_contract(registry, name):
    assert skipped(check_plugin(registry, name)) == {}


@pytest.mark.mxnet
def test_a_callback_may_ask_for_validation():
    report = check_plugin(CALLBACKS, "best_weights")
    (told,) = (r.got for r in report.results if r.check == "hears_a_fit_to_its_end")
    assert told == (
        "without validation it says: BestWeights watches validation_loss, and no images are held "
        "out for it: write validation: 0.1 in the recipe"
    )


@pytest.mark.mxnet
def test_layers_with_two_faces_are_allowed_for():
    report = check_model("mlp", {"dropout": 0.5, "hidden": [16]}, image_shapes=[(1, 8, 8)])
    assert skipped(report) == {"training_mode_differs_only_by_its_layers": "it has Dropout"}


def test_the_data_sets_that_ship_keep_the_contract(idx_folder):
    mnist = check_dataset("mnist")
    assert skipped(mnist) == {}
    assert set(mnist.figures) == {"load_seconds", "read_seconds"}
    assert skipped(check_dataset("idx", {"path": str(idx_folder)}, sizes=(130, 46))) == {}


def test_a_failed_check_is_an_assertion_that_says_it_all(register):
    def sums(*, classes=10):
        raise RuntimeError("not today")

    register(MODELS, "sums", sums)
    with pytest.raises(AssertionError) as caught:
        check_model("sums")
    target = MODELS.entry("sums")
    assert str(caught.value).splitlines()[-5:] == [
        "failed   builds",
        "         expected  The factory builds a network of 10 classes",
        f"         got       PluginError: model 'sums' ({target}) cannot be built: "
        "RuntimeError: not today",
        "         mend      make this work without an error",
        "4 passed, 1 failed, 8 skipped, 21 not reached",
    ]


def test_what_could_not_be_reached_is_no_success(register):
    def wide(*, width):
        return {}

    register(DATASETS, "wide", wide)
    with pytest.raises(AssertionError, match="width is required: give it as width="):
        check_dataset("wide")
    with pytest.raises(UsageError, match="did you mean 'wide'"):
        check_dataset("wise")


def test_another_order_in_another_process_is_found(tmp_path, monkeypatch):
    """What hangs on the hashes of strings is the same all through one process."""
    from mxdigits.plugins.entry import Entry
    from mxdigits.testing.datasets import DatasetCase, gives_the_same_bits_each_time

    (tmp_path / "hashed_data.py").write_text(
        "import numpy as np\n"
        "def build():\n"
        "    images = np.array([[[hash(str(i)) % 256]] for i in range(99)], np.uint8)\n"
        "    return dict.fromkeys(('train', 'test'), (images, np.arange(99) % 2))\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    import hashed_data

    entry = Entry("hashed", "hashed_data:build", "hashed-data", "1.0")
    monkeypatch.setattr(DATASETS, "_offered", {"hashed": [entry]})
    (result,) = run_checks([gives_the_same_bits_each_time], DatasetCase(DATASETS, entry, {}))
    assert (result.state, result.got) == ("failed", "other bits in another process")
    assert len(hashed_data.build()) == 2


# The command


@pytest.mark.mxnet
def test_json_for_machines(call):
    code, out, err = call("mlp", "hidden=[8]", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["passed"] is True
    (plugin,) = found["plugins"]
    assert plugin["subject"] == "model mlp"
    assert plugin["figures"]["parameters"] == 784 * 8 + 8 + 8 * 10 + 10
    assert {check["state"] for check in plugin["checks"]} == {"passed"}
    assert plugin["checks"][0] == {
        "check": "is_offered_once",
        "state": "passed",
        "expected": "One installed distribution offers the name",
        "got": "",
        "mend": "",
    }


def test_a_plugin_that_fails_exits_with_3_and_prints_into_no_json(call, register):
    def talker():
        print("hello")
        images = np.zeros((4, 5, 5), np.float32)
        return dict.fromkeys(("train", "test"), (images, np.arange(4)))

    register(DATASETS, "talker", talker)
    code, out, err = call("talker", "--json")
    assert code == 3
    assert json.loads(out)["passed"] is False
    assert err == "hello\nerror: the contract is broken by data set talker: images_are_bytes\n"


def test_what_is_to_be_checked(call, monkeypatch):
    code, out, err = call("nowhere")
    assert (code, out) == (2, "")
    assert err.startswith(
        "error: 'nowhere' is neither an installed plugin nor a name that one registers; "
    )
    assert call("mxdigitz")[2].endswith("did you mean 'mxdigits'?\n")
    assert call("numpy") == (
        3,
        "",
        "error: numpy is installed, and registers nothing under "
        f"{', '.join(registry.group for registry in plugins.REGISTRIES)}\n",
    )
    code, _, err = call("mxdigits", "classes=3")
    assert code == 2
    assert err.startswith("error: mxdigits is ")
    assert err.endswith(" plugins: give options with one registered name\n")
    monkeypatch.setenv("MXDIGITS_PLUGINS", "")
    assert call() == (
        0,
        "no plugin is installed; to check mxdigits itself: mxdigits plugins check mxdigits\n",
        "",
    )


def test_a_distribution_is_all_that_it_registers():
    found = {(registry.noun, entry.name) for registry, entry in plugins.find("MXdigits")}
    assert found >= {("model", "lenet"), ("model", "mlp"), ("data set", "mnist")}


# The machinery


def test_states_of_checks():
    def passes(case):
        """It passes. Not this."""

    def tells(case):
        """It tells."""
        return f"all of {case}"

    def breaks(case):
        """It breaks."""
        raise Broken("that", "do this")

    def skips(case):
        """It skips."""
        raise NotApplicable("there is none")

    @vital
    def falls(case):
        """It falls over."""
        raise ValueError("a\nb c")

    def comes_too_late(case):
        """It is never run."""

    results = list(run_checks([passes, tells, breaks, skips, falls, comes_too_late], "it"))
    assert [str(result) for result in results] == [
        "passed   passes",
        "passed   tells: all of it",
        "failed   breaks\n"
        "         expected  It breaks\n"
        "         got       that\n"
        "         mend      do this",
        "skipped  skips: there is none",
        "failed   falls\n"
        "         expected  It falls over\n"
        "         got       ValueError: b c\n"
        "         mend      make this work without an error",
        "not reached comes_too_late: falls failed",
    ]
    assert results[0].expected == "It passes. Not this"


@pytest.mark.parametrize(
    ("group", "told"),
    [
        ("mxdigits.model", "did you mean 'mxdigits.models'?"),
        ("mxdigits.callback", "did you mean 'mxdigits.callbacks'?"),
        ("mxdigits.optimizers", f"known: {', '.join(sorted(r.group for r in plugins.REGISTRIES))}"),
        ("mxdigits.metrics", f"known: {', '.join(sorted(r.group for r in plugins.REGISTRIES))}"),
    ],
)
def test_a_check_of_all_tells_of_groups_that_are_not_read(call, monkeypatch, group, told):
    wrong = plugins.Installed("mxdigits-tiny", "0.1", {group: (("tiny", "tiny:Net"),)})
    monkeypatch.setattr(plugins, "installed", lambda: [wrong])
    said = f"mxdigits has no group {group!r}; {told}"
    assert call() == (3, "", f"error: mxdigits-tiny: {said}\n")
    code, out, err = call("--json")
    assert (code, err) == (3, f"error: mxdigits-tiny: {said}\n")
    assert json.loads(out) == {"passed": False, "plugins": [], "unread": {"mxdigits-tiny": said}}
