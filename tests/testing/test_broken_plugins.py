"""Every way to break the contract is found, by the check that is called so.

``broken_plugins/`` holds a plugin for each check; here are the words with which it is caught.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mxdigits.plugins.entry import Entry
from mxdigits.plugins.registry import (
    AUGMENTATIONS,
    CALLBACKS,
    DATASETS,
    EXPORTERS,
    MODELS,
    NETWORK_FORMATS,
    REGISTRIES,
)
from mxdigits.testing.augmentations import AUGMENTING
from mxdigits.testing.callbacks import CALLING, CallbackCase, gives_a_callback
from mxdigits.testing.case import Case
from mxdigits.testing.datasets import READING, DatasetCase
from mxdigits.testing.formats import WRITING
from mxdigits.testing.loading import LOADING, loads, takes_keyword_options
from mxdigits.testing.model_building import BUILDING, takes_classes_by_keyword
from mxdigits.testing.model_case import ModelCase, built_or_broken
from mxdigits.testing.model_passes import PASSES
from mxdigits.testing.network_formats import EXPORTING, NetworkFormatCase
from mxdigits.testing.results import Broken, expectation, run_checks
from mxdigits.train.callbacks import Callback
from mxdigits.train.tracker import Tracker

pytestmark = pytest.mark.mxnet

FOLDER = Path(__file__).with_name("broken_plugins")

# By check: how what came begins.
LOADED = {
    "is_offered_once": "broken_plugins.good:Net from broken-again 2.0 and "
    "broken_plugins.is_offered_once:build from broken-models 0.3",
    "finds_what_it_requires": "it needs mxdigits>=99, and ",
    "loads": "RuntimeError: not today",
    "loading_prints_nothing": "printed hello",
    "loading_starts_no_thread_or_process": "thread worker",
    "loading_writes_no_file": "open cache.txt",
    "loading_uses_no_network": "socket.connect (('127.0.0.1', 9),)",
    "loading_keeps_global_seeds": "numpy.random changed",
    "loading_keeps_numpy_settings": "numpy.geterr() was {'divide': 'warn', ",
    "loading_keeps_mxnet_settings": "mxnet.util.is_np_shape() was False and is True",
    "loading_keeps_process_settings": "the variable MXNET_ENGINE_TYPE was not set and is "
    "'NaiveEngine'",
}
BUILT = {
    "takes_classes_by_keyword": "(n_classes, depth=2)",
    "builds": "PluginError: model 'builds' (broken_plugins.builds:build from broken-models 0.3) "
    "cannot be built: RuntimeError: no blueprint",
    "returns_a_hybrid_block": "mxnet.gluon.nn.basic_layers.Sequential",
    "building_sets_no_seed": "mxnet.random was seeded",
    "building_keeps_settings": "numpy.get_printoptions() was ",
    "builds_a_new_network_each_time": "the same block twice",
    "initialises_every_parameter": "dense_weight has none: no image reached it",
    "gives_one_logit_a_class": "float32 of shape (2, 10) for 7 images",
    "follows_classes": "model 'follows_classes' (broken_plugins.follows_classes:build from "
    "broken-models 0.3) gave an output of shape (2, 10) for images of shape (2, 1, 28, 28); "
    "it must be (2, 2): one logit a class",
    "takes_the_image_shapes_it_claims": "model 'takes_the_image_shapes_it_claims' "
    "(broken_plugins.takes_the_image_shapes_it_claims:build from broken-models 0.3) failed on "
    "images of shape (2, 1, 6, 6): ",
    "judges_each_image_alone": "numbers that differ by up to ",
    "hybridized_equals_imperative": "numbers that differ by up to ",
    "predicting_is_repeatable": "hybridized: logits that differ by up to ",
    "predicting_changes_no_parameter": "build_seen changed",
    "training_changes_only_statistics": "build_dense_weight changed",
    "training_mode_differs_only_by_its_layers": "numbers that differ by up to ",
    "loads_what_it_saved": "numbers that differ by up to ",
    "exports_and_comes_back": "numbers that differ by up to ",
    "gradients_reach_every_parameter": "build_dense_weight: 0 everywhere",
    "loss_falls_on_a_fixed_batch": "from 2.",
    "same_seed_same_bits": "differing parameters when built",
    "two_contexts_equal_one": "MXNetError: ",
    "other_backends_equal_mxnet": "by xla a logit that differs by up to ",
}
READ = {
    "takes_keyword_options": "seed=0 is taken by position only",
    "reads": "PluginError: data set 'reads' (broken_plugins.reads:build from broken-datasets 0.3) "
    "cannot be built: RuntimeError: the disk is away",
    "returns_both_splits": "tuple",
    "images_are_bytes": "train: float64 of shape (80, 28, 28)",
    "labels_are_whole_numbers": "train: float64 of shape (80, 2) for 80 images",
    "train_and_test_images_are_alike": "train (28, 28), test (24, 24)",
    "labels_fit_the_classes": "data set 'labels_fit_the_classes': train: label 2 is outside 0 to 1 "
    "(classes: 2)",
    "covers_every_class": "train: no image of odd",
    "pixels_use_the_range": "train: every pixel is 255",
    "reading_sets_no_seed": "numpy.random was seeded",
    "reading_keeps_settings": "numpy.get_printoptions() was ",
    "gives_the_same_bits_each_time": "other bits in the same process",
    "keeps_train_and_test_apart": "20 of 20 test images are also in train",
    "has_the_sizes_it_claims": "80 and 20, and not 100 and 20",
    "hashes_are_sha256": "noise.bin: 'd41d8cd98f00b204e9800998ecf8427e'",
}
AUGMENTED = {
    "gives_images_of_the_same_shape": "augmentation 'gives_images_of_the_same_shape' "
    "(broken_plugins.gives_images_of_the_same_shape:build from broken-augmentations 0.3) gave "
    "float32 of shape (2, 1, 27, 28) for images of shape (2, 1, 28, 28); it must give images of "
    "the same shape, float32",
    "keeps_pixels_between_0_and_1": "pixels from 0.5 to 1.5",
    "draws_follow_the_seed": "images that differ by up to ",
    "augmenting_keeps_settings": "numpy.get_printoptions() was ",
}
CALLED = {
    "gives_a_callback": "builtin_function_or_method",
    "hears_a_fit_to_its_end": "on_epoch_end(EpochRecord(epoch=0, ",
    "goes_on_from_its_state": '{"epochs": 0} after restore({"epochs": 4})',
    "listening_keeps_settings": "numpy.get_printoptions() was ",
}
WRITTEN = {
    "writes_predictions": "an empty file",
    "writes_every_image": "4 bytes for 2 images and 6 for 20,002",
    "takes_every_layout": "with Layout(classes=10, top=None, files=False, boxes=False) format "
    "'takes_every_layout' (broken_plugins.takes_every_layout:build from broken-formats 0.3) "
    "failed: TypeError: 'NoneType' object is not iterable",
    "leaves_only_its_file": "note.txt",
    "writing_keeps_settings": "numpy.get_printoptions() was ",
}
EXPORTED = {
    "is_a_network_format": "no load",
    "takes_a_plain_network": "NetworkError: it has no convolutions",
    "names_its_files": "folder/network-symbol.json, elsewhere/weights.params",
    "writes_its_files": "network-0000.params, network-symbol.json and not network-symbol.json",
    "answers_as_the_network": "probabilities that differ by up to ",
    "answers_any_number_of_images": "other answers of shape (7, 10) for 1",
    "is_written_again": "probabilities that differ by up to ",
    "leaves_the_network_alone": "conv0_weight, conv0_bias, dense0_weight, dense0_bias changed",
    "exporting_keeps_settings": "numpy.get_printoptions() was ",
}


@pytest.fixture
def site(tmp_path, monkeypatch) -> Path:
    """All of them installed, each kind as a distribution."""
    monkeypatch.syspath_prepend(str(FOLDER.parent))
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(
        name: str, version: str, group: str, points: dict[str, str], more: str = ""
    ) -> None:
        info = tmp_path / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{more}"
        )
        lines = [f"{point} = {target}" for point, target in points.items()]
        (info / "entry_points.txt").write_text("\n".join([f"[{group}]", *lines]))

    def targets(names) -> dict[str, str]:
        return {name: f"broken_plugins.{name}:build" for name in names}

    install("broken-again", "2.0", MODELS.group, {"is_offered_once": "broken_plugins.good:Net"})
    early = targets(["finds_what_it_requires"])
    install("broken-early", "0.1", MODELS.group, early, "Requires-Dist: mxdigits>=99\n")
    install("broken-models", "0.3", MODELS.group, targets({*LOADED, *BUILT} - {*early}))
    install("broken-datasets", "0.3", DATASETS.group, targets(READ))
    install("broken-augmentations", "0.3", AUGMENTATIONS.group, targets(AUGMENTED))
    install("broken-callbacks", "0.3", CALLBACKS.group, targets(CALLED))
    install("broken-formats", "0.3", EXPORTERS.group, targets(WRITTEN))
    install("broken-network-formats", "0.3", NETWORK_FORMATS.group, targets(EXPORTED))
    for registry in REGISTRIES:
        monkeypatch.setattr(registry, "_offered", None)
    return tmp_path


@pytest.fixture(autouse=True)
def _settings_kept():
    """Some of them are caught after they have done it."""
    import numpy as np

    kept = np.get_printoptions()
    yield
    np.set_printoptions(**kept)


def entry_of(registry, name: str) -> Entry:
    return next(e for e in registry.entries(name) if e.distribution != "broken-again")


def caught(checks, case, name: str) -> str:
    """What came of the check that failed; every vital one before it has passed."""
    results = {result.check: result for result in run_checks(checks, case)}
    result = results[name]
    assert result.state == "failed", results
    check = next(check for check in checks if check.__name__ == name)
    assert result.expected == expectation(check)
    assert result.mend
    return result.got


def up_to(checks: list, name: str) -> list:
    """A check and the vital ones before it; the others would take their time."""
    names = [check.__name__ for check in checks]
    place = names.index(name)
    return [c for c in checks[:place] if getattr(c, "vital", False)] + [checks[place]]


@pytest.mark.parametrize("name", LOADED)
def test_what_loading_must_not_do(site, name):
    got = caught(LOADING, Case(MODELS, entry_of(MODELS, name), {}), name)
    assert got.startswith(LOADED[name])


@pytest.mark.parametrize("name", BUILT)
def test_what_a_model_must_not_do(site, name):
    if name == "other_backends_equal_mxnet":
        pytest.importorskip("jax", reason="the backend xla needs JAX")
    case = ModelCase(MODELS, entry_of(MODELS, name), {})
    got = caught(up_to([*BUILDING, *PASSES], name), case, name)
    assert re.sub(r"(build|dense)\d+_", r"\1_", got).startswith(BUILT[name])


@pytest.mark.parametrize("name", READ)
def test_what_a_data_set_must_not_do(site, name):
    case = DatasetCase(DATASETS, entry_of(DATASETS, name), {})
    assert caught(up_to(READING, name), case, name).startswith(READ[name])


@pytest.mark.parametrize("name", AUGMENTED)
def test_what_an_augmentation_must_not_do(site, name):
    case = Case(AUGMENTATIONS, entry_of(AUGMENTATIONS, name), {})
    assert caught(up_to(AUGMENTING, name), case, name).startswith(AUGMENTED[name])


@pytest.mark.parametrize("name", CALLED)
def test_what_a_callback_must_not_do(site, name):
    case = CallbackCase(CALLBACKS, entry_of(CALLBACKS, name), {})
    assert caught(up_to(CALLING, name), case, name).startswith(CALLED[name])


@pytest.mark.parametrize("name", WRITTEN)
def test_what_a_format_must_not_do(site, name):
    case = Case(EXPORTERS, entry_of(EXPORTERS, name), {})
    # A setting is changed in the checks before, and not by each anew.
    checks = WRITING if name == "writing_keeps_settings" else up_to(WRITING, name)
    assert caught(checks, case, name).startswith(WRITTEN[name])


@pytest.mark.parametrize("name", EXPORTED)
def test_what_a_format_of_networks_must_not_do(site, name):
    case = NetworkFormatCase(NETWORK_FORMATS, entry_of(NETWORK_FORMATS, name), {})
    checks = EXPORTING if name == "exporting_keeps_settings" else up_to(EXPORTING, name)
    assert caught(checks, case, name).startswith(EXPORTED[name])


def test_a_misspelt_event_of_a_callback_is_found(monkeypatch):
    class Misspelt(Callback):
        def on_epoch_ends(self, record):
            pass

    monkeypatch.setattr(CALLBACKS, "_registered", {})
    CALLBACKS.register("misspelt")(Misspelt)
    with pytest.raises(Broken) as caught:
        gives_a_callback(CallbackCase(CALLBACKS, CALLBACKS.entry("misspelt"), {}))
    assert (caught.value.got, caught.value.mend) == (
        "on_epoch_ends, which nothing calls",
        "did you mean 'on_epoch_end'?",
    )


def test_the_events_of_a_run_are_no_misspelt_ones(monkeypatch):
    monkeypatch.setattr(CALLBACKS, "_registered", {})
    CALLBACKS.register("tracks")(Tracker)
    assert gives_a_callback(CallbackCase(CALLBACKS, CALLBACKS.entry("tracks"), {})) is None


def test_a_network_that_asks_symbols_for_a_shape_is_told_what_to_use(monkeypatch):
    from mxnet.gluon import nn

    monkeypatch.setattr(MODELS, "_registered", {})
    MODELS.register("asks")(lambda *, classes: nn.HybridLambda(lambda F, x: x.reshape(x.shape)))
    with pytest.raises(Broken) as caught:
        built_or_broken(ModelCase(MODELS, MODELS.entry("asks"), {}))
    assert caught.value.mend == (
        "hybrid_forward(self, F, x) gets symbols too, which have neither shape nor values: use "
        "operators of F alone, and one input"
    )


def reads(*, batch_size=5):
    return {}


def builds(*, classes=10, name="net"):
    return None


def augments(*, batch_size=5):
    return None


@pytest.mark.parametrize(
    ("registry", "check", "factory", "key"),
    [
        (MODELS, takes_classes_by_keyword, builds, "name"),
        (DATASETS, takes_keyword_options, reads, "batch_size"),
        (AUGMENTATIONS, takes_keyword_options, augments, ""),  # whose section has no such key
    ],
)
def test_an_option_may_not_be_called_as_a_key_of_recipes(
    monkeypatch, registry, check, factory, key
):
    monkeypatch.setattr(registry, "_registered", {})
    registry.register("collides")(factory)
    kind = ModelCase if registry is MODELS else Case
    case = kind(registry, registry.entry("collides"), {})
    if not key:
        assert check(case) == "(batch_size=5)"
        return
    with pytest.raises(Broken) as caught:
        check(case)
    assert (caught.value.got, caught.value.mend) == (
        f"the option {key}, which no recipe can give: the key is mxdigits' own",
        "call it something else",
    )


def test_what_a_module_does_not_define_is_not_blamed_on_its_import(monkeypatch):
    case = Case(MODELS, Entry("tiny", "tiny:Net", "mxdigits-tiny", "0.1"), {})
    case.loaded = {"error": "AttributeError: module 'tiny' has no attribute 'Net'"}
    with pytest.raises(Broken) as caught:
        loads(case)
    assert caught.value.mend == "name what tiny defines in the entry point, after the colon"


def test_there_is_a_broken_plugin_for_every_check():
    lists = (LOADING, BUILDING, PASSES, READING, AUGMENTING, CALLING, WRITING, EXPORTING)
    checks = dict.fromkeys(check.__name__ for each in lists for check in each)
    assert [*LOADED, *BUILT, *READ, *AUGMENTED, *CALLED, *WRITTEN, *EXPORTED] == [*checks]
    broken = {file.stem for file in FOLDER.glob("*.py")} - {"__init__", "good"}
    assert broken == set(checks)
