"""Names to factories: got, registered and called; a broken plugin is named."""

from __future__ import annotations

import functools
import importlib

import pytest
from distributions import refusal

from mxdigits.errors import DataError, PluginError, UsageError
from mxdigits.foreign import describe
from mxdigits.plugins import installed as installed_distributions
from mxdigits.plugins import registry
from mxdigits.plugins.registry import DATASETS, MODELS, Registry
from mxdigits.plugins.signatures import Options
from mxdigits.predict.formats import Npz


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


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"units": "8"}, " with units='8' cannot be built: TypeError: "),
        (
            {"units": "8", "mine": None},
            " with units='8', mine=nothing cannot be built: TypeError: ",
        ),
        ({}, " cannot be built: TypeError: "),
    ],
)
def test_a_failure_tells_what_the_user_wrote(own, options, what):
    """A wrong option or the plugin's own mistake: the message has both sides."""

    def build(*, units="x", mine=1):
        return units + 1

    own.register("adds")(build)
    target = str(own.entry("adds"))
    assert refusal(PluginError, own.make, "adds", options) == (
        f"model 'adds' ({target}){what}can only concatenate str (not \"int\") to str"
    )


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
