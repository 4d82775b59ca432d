"""The options of a factory, from its source and from the object: both must tell the same."""

from __future__ import annotations

import importlib
import keyword
import sys
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.plugins.signatures import Options, SourceMissing, options_in_source, options_of


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write modules that can be found, none of which is imported by writing it."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(**modules: str) -> None:
        for dotted, source in modules.items():
            path = tmp_path.joinpath(*dotted.split("__DOT__")).with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(source), encoding="utf-8")
        importlib.invalidate_caches()

    yield write
    for name in [name for name in sys.modules if name.startswith("sig_")]:
        del sys.modules[name]


FACTORIES = """
    def nothing():
        raise SystemExit("nobody calls this")

    def plain(classes, hidden=(128, 64), *, activation="relu", dropout=1e-3, bias):
        pass

    def open_ended(*anything, classes=10, **more):
        pass

    class Network:
        size = 3

        def forward(self, x, y=1):
            pass

        def __init__(self, classes, *, channels=8 * 2, **more):
            pass
"""


@pytest.mark.parametrize(
    ("name", "expected", "shown"),
    [
        ("nothing", Options({}), ""),
        (
            "plain",
            Options(
                {
                    "classes": None,
                    "hidden": "(128, 64)",
                    "activation": "'relu'",
                    "dropout": "0.001",
                    "bias": None,
                }
            ),
            "classes, hidden=(128, 64), activation='relu', dropout=0.001, bias",
        ),
        ("open_ended", Options({"classes": "10"}, open_ended=True), "classes=10, **options"),
        (
            "Network",
            Options({"classes": None, "channels": "8 * 2"}, open_ended=True),
            "classes, channels=8 * 2, **options",
        ),
    ],
)
def test_the_source_tells_the_options(write, name, expected, shown):
    write(sig_tells=FACTORIES)
    found = options_in_source("sig_tells", name)
    assert found == expected
    assert str(found) == shown
    assert "sig_tells" not in sys.modules


@pytest.mark.parametrize("name", ["nothing", "plain", "open_ended", "Network"])
def test_the_object_tells_the_same_names(write, name):
    write(sig_agrees=FACTORIES)
    read = options_in_source("sig_agrees", name)
    live = options_of(getattr(importlib.import_module("sig_agrees"), name))
    assert list(live.defaults) == list(read.defaults)
    assert live.open_ended == read.open_ended
    assert [d is None for d in live.defaults.values()] == [
        d is None for d in read.defaults.values()
    ]


def test_an_object_shows_its_defaults_as_python_writes_them():
    def factory(a, b="x", *, c=None, d=(1, 2.5)):
        pass

    assert options_of(factory) == Options({"a": None, "b": "'x'", "c": "None", "d": "(1, 2.5)"})
    assert str(options_of(factory)) == "a, b='x', c=None, d=(1, 2.5)"


def test_positional_only_parameters_are_no_options_for_either(write):
    source = "def factory(place, size=3, /, classes=10, *, depth): pass"
    write(sig_positional=source)
    expected = Options({"classes": "10", "depth": None})
    assert options_in_source("sig_positional", "factory") == expected
    assert options_of(importlib.import_module("sig_positional").factory) == expected


def test_defaults_are_shown_whole_whatever_they_hold(write):
    write(sig_text="def factory(a=lambda x: {x: [1]}, b=None, c=-1, d='grün', e=f(*g)): pass")
    assert options_in_source("sig_text", "factory").defaults == {
        "a": "lambda x: {x: [1]}",
        "b": "None",
        "c": "-1",
        "d": "'grün'",
        "e": "f(*g)",
    }


@pytest.mark.parametrize(
    "source",
    [
        "from elsewhere import factory",
        "from elsewhere import thing as factory",
        "from elsewhere import *",
        "import factory",
        "import factory.inner",
        "factory = partial(other, depth=3)",
        "factory: object = other",
        "for factory in others: pass",
        "if fast:\n    def factory(a): pass",
        "try:\n    from fast import factory\nexcept ImportError:\n    factory = None",
        "@decorated\ndef factory(a): pass",
        "async def factory(a): pass",
        "class factory: pass",
        "class factory(Base):\n    def forward(self, x): pass",
        "def __getattr__(name): return len",
        "with opened() as factory: pass",
    ],
)
def test_the_source_does_not_tell(write, source):
    write(sig_silent=source)
    assert options_in_source("sig_silent", "factory") is None


def test_an_object_inside_another_is_not_read(write):
    write(sig_nested="class Outer:\n    def make(a, b): pass\n    def __init__(self, wrong): pass")
    assert options_in_source("sig_nested", "Outer.make") is None
    with pytest.raises(SourceMissing, match=r"^module 'sig_nested' has no 'Inner'$"):
        options_in_source("sig_nested", "Inner.make")


def test_modules_that_are_not_source(write):
    """Built in, or compiled: their objects are there, and their options are not to be read."""
    assert options_in_source("sys", "exit") is None
    assert options_in_source("_ctypes", "CFuncPtr") is None
    assert options_in_source("json.decoder", "JSONDecoder") is not None


def test_a_folder_without_init_holds_no_objects(write, tmp_path):
    (tmp_path / "sig_namespace").mkdir()
    write()
    with pytest.raises(SourceMissing) as caught:
        options_in_source("sig_namespace", "factory")
    assert str(caught.value) == (
        "'sig_namespace' is a folder without __init__.py, and holds no objects"
    )


@pytest.mark.parametrize(
    ("module", "attribute", "message"),
    [
        ("sig_absent", "factory", "there is no module 'sig_absent'"),
        ("sig_absent.inner", "factory", "there is no module 'sig_absent.inner'"),
        ("sig_here.inner", "factory", "there is no module 'sig_here.inner'"),
        ("sig_package.absent", "factory", "there is no module 'sig_package.absent'"),
        ("sig_package.inner.deeper", "factory", "there is no module 'sig_package.inner.deeper'"),
        ("", "factory", "there is no module ''"),
        (".relative", "factory", "there is no module '.relative'"),
        ("sig_here", "factori", "module 'sig_here' has no 'factori'"),
        ("sig_here", "local", "module 'sig_here' has no 'local'"),
        ("sig_here", "", "module 'sig_here' has no ''"),
        ("sig_here", "unassigned", "module 'sig_here' has no 'unassigned'"),
    ],
)
def test_what_is_missing_is_said(write, module, attribute, message):
    write(
        sig_here="def factory(a):\n    print(unassigned)",
        sig_package__DOT____init__="",
        sig_package__DOT__inner="",
    )
    with pytest.raises(SourceMissing) as caught:
        options_in_source(module, attribute)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (b"def factory(:", "invalid syntax"),
        (b"x = '\xff'", ""),
        (b"x = '\0'", "null bytes"),
        (b"# coding: nonsense\n", "nonsense"),
    ],
)
def test_a_source_that_cannot_be_read(tmp_path, monkeypatch, source, why):
    (tmp_path / "sig_damaged.py").write_bytes(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(SourceMissing) as caught:
        options_in_source("sig_damaged", "factory")
    assert str(caught.value).startswith("sig_damaged cannot be read: ")
    assert why in str(caught.value)


def test_a_source_in_another_encoding(tmp_path, monkeypatch):
    (tmp_path / "sig_latin.py").write_bytes(
        "# coding: latin-1\ndef factory(größe='ß'): pass".encode("latin-1")
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert options_in_source("sig_latin", "factory") == Options({"größe": "'ß'"})


def test_an_unwise_escape_in_a_source_is_nobodys_business(write, recwarn):
    write(sig_escape=r"def factory(pattern='\d+'): pass")
    assert options_in_source("sig_escape", "factory") == Options({"pattern": repr(r"\d+")})
    assert not recwarn


def test_parent_packages_are_not_imported(write):
    bomb = "raise SystemExit('imported')"
    write(
        sig_bomb__DOT____init__=bomb,
        sig_bomb__DOT__sub__DOT____init__=bomb,
        sig_bomb__DOT__sub__DOT__leaf="def factory(depth=1): pass\n" + bomb,
    )
    assert options_in_source("sig_bomb.sub.leaf", "factory") == Options({"depth": "1"})
    assert not [name for name in sys.modules if name.startswith("sig_bomb")]


def test_the_models_of_this_package_can_be_read():
    assert str(options_in_source("mxdigits.models.lenet", "LeNet")) == (
        "classes=10, activation='tanh', dropout=0.0, channels=(20, 50), hidden=500"
    )
    assert str(options_in_source("mxdigits.models.mlp", "MLP")) == (
        "classes=10, hidden=(128, 64), activation='relu', dropout=0.0"
    )


RESERVED = {"classes": "comes from the data set"}


@pytest.mark.parametrize(
    ("options", "given", "problems"),
    [
        (Options({"classes": "10", "depth": "1"}), ["depth"], {}),
        (Options({"classes": None}), [], {}),
        (Options({"depth": None}), [], {"depth": "is required"}),
        (Options({"classes": "10"}), ["classes"], {"classes": "comes from the data set"}),
        (
            Options({"classes": "10", "depth": "1"}),
            ["dept", "x"],
            {
                "dept": "unknown; did you mean 'depth'?",
                "x": "unknown; known: depth",
            },
        ),
        (Options({"classes": "10"}), ["depth"], {"depth": "unknown; none are known"}),
        (Options({}, open_ended=True), ["anything"], {}),
        (
            Options({"depth": None}, open_ended=True),
            ["classes", "x"],
            {"classes": "comes from the data set", "depth": "is required"},
        ),
    ],
)
def test_problems_with_what_is_given(options, given, problems):
    assert options.problems(given, reserved=RESERVED) == problems


names = st.lists(
    st.text("abcdefgh_", min_size=1, max_size=4).filter(lambda n: not keyword.iskeyword(n)),
    unique=True,
    max_size=4,
)


@given(names, st.booleans())
def test_required_options_are_exactly_what_python_asks_for(parameters, open_ended):
    source = f"def factory(*, {', '.join(parameters)}): pass" if parameters else "def factory(): 0"
    scope: dict = {}
    exec(source, scope)
    found = options_of(scope["factory"])
    assert found.problems([], reserved={}) == dict.fromkeys(parameters, "is required")
    assert found.problems(parameters, reserved={}) == {}


# Sources of strangers


def test_a_module_of_a_namespace_package(tmp_path, monkeypatch):
    """Two distributions may share it, and it has no __init__.py."""
    for site, package in (("one", "alpha"), ("two", "beta")):
        folder = tmp_path / site / "sig_shared" / "inner" / package
        folder.mkdir(parents=True)
        (folder / "net.py").write_text(f"def build(*, {package}=1): pass\n")
        monkeypatch.syspath_prepend(str(tmp_path / site))
    for package in ("alpha", "beta"):
        found = options_in_source(f"sig_shared.inner.{package}.net", "build")
        assert found == Options({package: "1"})
    with pytest.raises(SourceMissing) as caught:
        options_in_source("sig_shared.inner.gamma.net", "build")
    assert str(caught.value) == "there is no module 'sig_shared.inner.gamma.net'"
    assert "sig_shared" not in sys.modules


@pytest.mark.parametrize(
    "default",
    [
        "-" * 200_000 + "1",
        "not " * 100_000 + "1",
        "[" * 100_000 + "]" * 100_000,
        "1" + "+1" * 100_000,
        "a" + ".a" * 100_000,
        "f" + "()" * 100_000,
    ],
)
def test_a_source_that_is_nested_too_deep(tmp_path, monkeypatch, default):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "sig_deep.py").write_text(f"def build(*, x={default}): pass\n")
    with pytest.raises(SourceMissing) as caught:
        options_in_source("sig_deep", "build")
    # Which of them, depends on Python's version.
    assert str(caught.value) in (
        "sig_deep cannot be read: it is nested too deep for Python",
        "sig_deep cannot be read: SyntaxError: too many nested parentheses (sig_deep.py, line 1)",
    )


def test_an_error_of_syntax_names_the_file(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "sig_wrong.py").write_text("def build(:\n")
    with pytest.raises(SourceMissing, match=r"\(sig_wrong.py, line 1\)$"):
        options_in_source("sig_wrong", "build")


def test_a_huge_source_does_not_tell(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "sig_huge.py").write_text("def build(*, x=1): pass\n" + "#" * 500_000)
    assert options_in_source("sig_huge", "build") is None


def test_a_source_that_changes_is_read_again(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("x", "longer"):
        (tmp_path / "sig_edited.py").write_text(f"def build(*, {name}=1): pass\n")
        assert options_in_source("sig_edited", "build") == Options({name: "1"})
