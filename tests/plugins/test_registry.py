"""Names to factories: fake distributions, as pip would leave them, on a path of their own."""

from __future__ import annotations

import functools
import importlib
import os
import sys
import zipfile
from importlib.metadata import Distribution
from pathlib import Path
from textwrap import dedent
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from mxdigits.errors import DataError, MxdigitsError, PluginError, UsageError
from mxdigits.foreign import describe
from mxdigits.plugins import installed as installed_distributions
from mxdigits.plugins import registry
from mxdigits.plugins.distribution_files import read_entry_points, read_metadata
from mxdigits.plugins.installed import installed
from mxdigits.plugins.registry import DATASETS, MODELS, Registry
from mxdigits.plugins.signatures import Options
from mxdigits.predict.formats import Npz

GROUP = "mxdigits_tests.models"


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Lay down a distribution: its metadata, its entry points, its modules."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(
        name: str, version: str = "1.0", *, site: Path = tmp_path, group: str = GROUP, **points: str
    ) -> Registry:
        info = site / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8"
        )
        lines = [f"{key} = {target}" for key, target in points.items()]
        (info / "entry_points.txt").write_text("\n".join([f"[{group}]", *lines]), encoding="utf-8")
        importlib.invalidate_caches()
        return Registry(GROUP, "model")

    yield install
    for module in [module for module in sys.modules if module.startswith("reg_")]:
        del sys.modules[module]


@pytest.fixture
def write(tmp_path):
    def write(name: str, source: str) -> None:
        (tmp_path / f"{name}.py").write_text(dedent(source), encoding="utf-8")
        importlib.invalidate_caches()

    return write


def refusal(kind: type[MxdigitsError], call, *arguments, **options) -> str:
    with pytest.raises(kind) as caught:
        call(*arguments, **options)
    assert type(caught.value) is kind
    assert len(caught.value.lines) == 1
    return str(caught.value)


# Finding


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


# Getting


def test_an_unknown_name_offers_the_nearest(install):
    found = install("reg-plugin", tiny="reg_x:a", huge="reg_x:b")
    assert refusal(UsageError, found.get, "tinny") == "unknown model 'tinny'; did you mean 'tiny'?"
    assert refusal(UsageError, found.get, "qqq") == "unknown model 'qqq'; known: huge, tiny"
    assert refusal(UsageError, found.options, "qqq") == "unknown model 'qqq'; known: huge, tiny"
    assert refusal(UsageError, found.make, "qqq", {}) == "unknown model 'qqq'; known: huge, tiny"


def test_a_name_of_our_own_is_found_without_a_search_and_no_plugin_takes_it(install, monkeypatch):
    install("reg-plugin", group="mxdigits.exporters", npz="reg_mine:Npz", xyz="reg_mine:Xyz")
    found = Registry("mxdigits.exporters", "format")
    with monkeypatch.context() as without:
        without.setattr(installed_distributions, "distributions", None)  # it would be called
        assert "npz" in found
        assert found.get("npz") is Npz
        with pytest.raises(TypeError):
            found.get("xyz")
    ours, theirs = found.entries("npz")
    assert (ours.distribution, found.state(ours)) == ("mxdigits", "ok")
    assert (theirs.distribution, found.state(theirs)) == (
        "reg-plugin",
        "conflict: the format of this name is mxdigits' own",
    )
    assert found.entry("xyz").distribution == "reg-plugin"


def test_two_owners_of_a_name_are_an_error_that_names_both(install):
    install("reg-one", "1.0", thing="reg_one:build", mine="reg_one:build")
    found = install("reg-two", "2.1", thing="reg_two:make")
    assert len(found.entries("thing")) == 2
    message = (
        "model 'thing' is offered by reg-one 1.0 (reg_one:build) and reg-two 2.1 (reg_two:make): "
        "uninstall all but one"
    )
    reverse = (
        "model 'thing' is offered by reg-two 2.1 (reg_two:make) and reg-one 1.0 (reg_one:build): "
        "uninstall all but one"
    )
    for call in (found.get, found.entry, found.options):
        assert refusal(PluginError, call, "thing") in (message, reverse)
    assert str(found.entry("mine")) == "reg_one:build from reg-one 1.0"


BROKEN = {
    "raises": ("raise ValueError('two\\n  lines')", "ValueError: two lines"),
    "silent": ("raise RuntimeError", "RuntimeError"),
    "syntax": ("def build(:", "SyntaxError: "),
    "needs": ("import reg_not_there", "ModuleNotFoundError: No module named 'reg_not_there'"),
    "base": ("class Odd(BaseException): pass\nraise Odd('x')", "Odd: x"),
    "exit": ("raise SystemExit(0)", "SystemExit: 0"),
    "mute": (
        "class Mute(Exception):\n    def __str__(self): raise SystemExit(0)\nraise Mute",
        "Mute: Mute, which cannot be shown",
    ),
    "ours": ("from mxdigits.errors import DataError\nraise DataError('x')", "DataError: x"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_import_names_the_plugin_and_chains_the_cause(install, write, case):
    source, why = BROKEN[case]
    write("reg_broken", source + "\ndef build(): pass")
    write("reg_fine", "def build(): return 'fine'")
    found = install("reg-plugin", "0.3", broken="reg_broken:build", fine="reg_fine:build")
    assert found.names() == ["broken", "fine"]
    with pytest.raises(PluginError) as caught:
        found.get("broken")
    assert str(caught.value).startswith(
        f"model 'broken' (reg_broken:build from reg-plugin 0.3) cannot be loaded: {why}"
    )
    assert type(caught.value.__cause__).__name__ == why.partition(":")[0]
    assert caught.value.exit_code == 3
    assert found.get("fine")() == "fine"


def test_a_syntax_error_is_seen_without_an_import(install, write):
    write("reg_broken", "def build(:")
    found = install("reg-plugin", broken="reg_broken:build")
    assert found.state(found.entry("broken")).startswith("broken: reg_broken cannot be read: ")


def test_what_is_no_factory(install, write):
    write("reg_number", "build = 42")
    found = install("reg-plugin", number="reg_number:build")
    assert refusal(PluginError, found.get, "number") == (
        "model 'number' (reg_number:build from reg-plugin 1.0) is not callable but int"
    )


def test_an_object_inside_another(install, write):
    write(
        "reg_inside", "class Zoo:\n    @staticmethod\n    def tiny(*, classes=10): return classes"
    )
    found = install("reg-plugin", tiny="reg_inside:Zoo.tiny")
    assert found.state(found.entry("tiny")) == "ok"
    assert found.options("tiny") is None
    assert found.make("tiny", {}, classes=3) == 3


# Registering in this process


@pytest.fixture
def own(install, write) -> Registry:
    write("reg_installed", "def build(*, classes=10): pass")
    return install("reg-plugin", "1.5", installed="reg_installed:build")


def test_register_in_this_process(own):
    @own.register("mine")
    def build(*, classes=10, depth: int = 2):
        return classes, depth

    assert own.names() == ["installed", "mine"]
    assert own.get("mine") is build
    assert own.make("mine", {"depth": 5}, classes=3) == (3, 5)
    assert own.options("mine") == Options({"classes": "10", "depth": "2"})
    entry = own.entry("mine")
    assert own.state(entry) == "ok"
    assert str(entry) == (
        "test_registry:test_register_in_this_process.<locals>.build from this process -"
    )


def test_a_taken_name_is_refused_and_stays_what_it_was(own):
    first = own.register("mine")(lambda: 1)
    assert refusal(UsageError, own.register("mine"), dict) == (
        f"model 'mine' is registered already: test_registry:{first.__qualname__} "
        "from this process -"
    )
    assert refusal(UsageError, own.register("installed"), dict) == (
        "model 'installed' is registered already: reg_installed:build from reg-plugin 1.5"
    )
    assert own.get("mine") is first
    assert own.entry("installed").factory is None


def test_register_what_has_no_name_of_its_own(own):
    build = own.register("part")(functools.partial(lambda *, classes, depth: depth, depth=4))
    assert own.get("part") is build
    assert own.make("part", {}, classes=1) == 4


def test_the_public_decorators_are_those_of_the_two_registries():
    mxdigits = importlib.import_module("mxdigits")
    assert mxdigits.register_model.__self__ is MODELS
    assert mxdigits.register_dataset.__self__ is DATASETS
    assert (MODELS.group, DATASETS.group) == ("mxdigits.models", "mxdigits.datasets")
    assert (MODELS.noun, DATASETS.noun) == ("model", "data set")


# Making


def test_options_are_checked_before_the_factory_runs(own):
    ran = []

    @own.register("net")
    def build(*, classes, depth=2, width):
        ran.append((classes, depth, width))

    assert refusal(UsageError, own.make, "net", {"dept": 3, "width": 1}, classes=10) == (
        "model 'net': option 'dept': unknown; did you mean 'depth'?"
    )
    assert refusal(UsageError, own.make, "net", {}, classes=10) == (
        "model 'net': option 'width': is required"
    )
    assert refusal(UsageError, own.make, "net", {"classes": 3, "width": 1}, classes=10) == (
        "model 'net': option 'classes': is set by mxdigits, here to 10"
    )
    assert ran == []
    own.make("net", {"width": 1}, classes=10)
    assert ran == [(10, 2, 1)]


def test_every_option_of_an_open_ended_factory_reaches_it(own):
    own.register("open")(lambda **options: options)
    assert own.make("open", {"größe": 1, "name": "x"}, classes=3) == {
        "größe": 1,
        "name": "x",
        "classes": 3,
    }
    assert str(own.options("open")) == "**options"


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("def build(*, depth=1): pass", None),
        ("def build(classes, /): pass", None),
        ("def build(*classes): pass", None),
        ("class build: pass", None),
        ("def build(classes): return classes", 10),
        ("def build(**options): return options['classes']", 10),
    ],
)
def test_a_factory_must_take_what_the_framework_gives(install, write, source, result):
    write("reg_contract", source)
    found = install("reg-plugin", net="reg_contract:build")
    if result is None:
        assert refusal(PluginError, found.make, "net", {}, classes=10) == (
            "model 'net' (reg_contract:build from reg-plugin 1.0) must take the keyword "
            "'classes', and does not"
        )
    else:
        assert found.make("net", {}, classes=10) == result


def test_a_factory_that_raises_is_named_and_its_error_chained(install, write):
    write("reg_raises", "def build(*, classes, depth=1): return 1 / (depth - 1)")
    found = install("reg-plugin", net="reg_raises:build")
    with pytest.raises(PluginError) as caught:
        found.make("net", {}, classes=10)
    assert str(caught.value) == (
        "model 'net' (reg_raises:build from reg-plugin 1.0) cannot be built: "
        "ZeroDivisionError: division by zero"
    )
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_errors_written_for_people_pass_through(own):
    def build():
        raise DataError("the folder is empty")

    own.register("data")(build)
    assert refusal(DataError, own.make, "data", {}) == "the folder is empty"


def test_a_factory_in_this_process_that_hides_its_options(own):
    class Build:
        __signature__ = property(lambda self: 1 / 0)

        def __call__(self):
            pass

    own.register("hides")(Build())
    (entry,) = own.entries("hides")
    assert own.state(entry) == "broken: ZeroDivisionError: division by zero"


def test_a_factory_whose_signature_cannot_be_read(own):
    """Some that are written in C have none that Python can show; the plugin is at fault."""
    own.register("no_signature")(dict)
    assert refusal(PluginError, own.make, "no_signature", {}, classes=10).startswith(
        "model 'no_signature' (builtins:dict from this process -) "
    )


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("one\n\n  two\tthree"), "ValueError: one two three"),
        (ValueError(), "ValueError"),
        (KeyError("x"), "KeyError: 'x'"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
    ],
)
def test_describe_is_one_line(error, line):
    assert describe(error) == line


def test_a_value_error_without_a_text_is_named(own):
    def build():
        raise ValueError

    own.register("silent")(build)
    assert refusal(UsageError, own.make, "silent", {}) == "model 'silent': ValueError"


def test_the_module_offers_what_the_docs_name():
    assert registry.register_model == MODELS.register
    assert registry.register_dataset == DATASETS.register


def test_a_state_is_found_out_by_loading(install, write):
    write("reg_late", "raise RuntimeError('not today')\ndef build(*, classes=10): pass")
    found = install("reg-plugin", late="reg_late:build")
    assert found.state(found.entry("late")) == "ok"
    assert found.state(found.entry("late"), load=True) == "broken: RuntimeError: not today"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "class Odd(BaseException): pass\ndef build(): raise Odd('x')",
            "cannot be built: Odd: x",
        ),
        (
            "class Mute(BaseException):\n    def __str__(self): raise RuntimeError\n"
            "def build(): raise Mute",
            "cannot be built: Mute: Mute, which cannot be shown",
        ),
        (
            "class Shy:\n    def __repr__(self): raise RuntimeError('no')\n"
            "def build(*, x=Shy()): pass",
            "hides its options: RuntimeError: no",
        ),
        (
            "from hostile_objects import Hostile\ndef build(): raise Hostile",
            "cannot be built: Hostile: Hostile, which cannot be shown",
        ),
        (
            "from hostile_objects import Odd\ndef build(): return Odd()",
            "cannot be built: Hostile: Hostile, which cannot be shown",
        ),
        (
            "from hostile_objects import Hostile\nclass Build:\n    def __call__(self): pass\n"
            "    @property\n    def __signature__(self): raise Hostile\nbuild = Build()",
            "hides its options: Hostile: Hostile, which cannot be shown",
        ),
        ("from hostile_objects import Odd\nbuild = Odd()", "is not callable but Odd"),
        (
            "from hostile_objects import Hostile\nraise Hostile",
            "cannot be loaded: Hostile: Hostile, which cannot be shown",
        ),
    ],
)
def test_whatever_a_plugin_raises_is_named(install, write, source, message):
    write("reg_raises", source)
    found = install("reg-plugin", "0.3", raises="reg_raises:build")
    assert refusal(PluginError, found.make, "raises", {}) == (
        f"model 'raises' (reg_raises:build from reg-plugin 0.3) {message}"
    )


def test_a_wrong_value_of_which_nothing_can_be_said(install, write):
    write(
        "reg_raises",
        """
        class Mute(ValueError):
            def __str__(self): raise RuntimeError
        def build(): raise Mute
        """,
    )
    found = install("reg-plugin", "0.3", raises="reg_raises:build")
    assert refusal(UsageError, found.make, "raises", {}) == (
        "model 'raises': Mute, which cannot be shown"
    )


def test_ctrl_c_in_a_plugin_stays_what_it_is(install, write):
    write("reg_raises", "def build(): raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        install("reg-plugin", raises="reg_raises:build").make("raises", {})
