"""Formats of predictions as plugins: by the same door as the built-in ones."""

from __future__ import annotations

import numpy as np
import pytest
from hostile_objects import Hostile, HostileOSError, HostileText

from mxdigits.errors import OutputError, PluginError, UsageError
from mxdigits.plugins.registry import EXPORTERS
from mxdigits.predict.predictions import (
    Layout,
    Piece,
    check_format,
    predictions_file,
    write_predictions,
)
from mxdigits.recipe.schema import Recipe

PROB = np.array([[0.25, 0.75], [1.0, 0.0]], np.float32)


class Best:
    """The best class of each image, a line each."""

    def __init__(self, *, path, layout):
        self._path, self._lines = path, [f"of {layout.classes}"]

    def __enter__(self):
        return self

    def write(self, piece):
        self._lines += map(str, piece.prob.argmax(axis=1))

    def __exit__(self, failed, *_):
        if not failed:
            self._path.write_text("\n".join(self._lines) + "\n")


class Broken(Best):
    """Fails where it is told to."""

    at = ""

    def __enter__(self):
        if self.at == "enter":
            raise ZeroDivisionError
        return self

    def write(self, piece):
        if self.at == "write":
            raise ZeroDivisionError("no\nreason")
        super().write(piece)

    def __exit__(self, failed, *_):
        if self.at == "exit":
            raise KeyError("x")
        super().__exit__(failed)


@pytest.fixture
def offered(monkeypatch):
    """Registers an exporter for the length of a test."""
    monkeypatch.setattr(EXPORTERS, "_registered", {})
    return lambda name, exporter: EXPORTERS.register(name)(exporter)


def test_the_built_in_formats():
    found = {entry.name: (entry.target, entry.distribution) for entry in EXPORTERS.entries()}
    assert found == {
        "csv": ("mxdigits.predict.formats:Csv", "mxdigits"),
        "jsonl": ("mxdigits.predict.formats:JsonLines", "mxdigits"),
        "npz": ("mxdigits.predict.formats:Npz", "mxdigits"),
    }


def test_a_format_of_ones_own(offered, tmp_path):
    offered("best", Best)
    assert check_format(tmp_path / "p.best") == "best"
    assert Recipe.make(model="mlp", predictions=["csv", "best"]).predictions == ("csv", "best")
    with predictions_file(tmp_path / "p.best", Layout(classes=2)) as file:
        file.write(Piece(PROB))
        file.write(Piece(PROB[:1]))
    assert (tmp_path / "p.best").read_text() == "of 2\n1\n0\n1\n"


def test_a_format_is_told_the_names_of_the_classes(offered, tmp_path):
    class Named(Best):
        """Written for the names; Best above, which knows nothing of them, works as it did."""

        def __init__(self, *, path, layout):
            super().__init__(path=path, layout=layout)
            self._lines = list(layout.names)

    for name, exporter in (("best", Best), ("named", Named)):
        offered(name, exporter)
        write_predictions(tmp_path / f"p.{name}", PROB, names=("minus", "plus"))
    assert (tmp_path / "p.best").read_text() == "of 2\n1\n0\n"
    assert (tmp_path / "p.named").read_text() == "minus\nplus\n1\n0\n"


@pytest.mark.parametrize(
    ("at", "what"),
    [
        ("enter", "ZeroDivisionError"),
        ("write", "ZeroDivisionError: no reason"),
        ("exit", "KeyError: 'x'"),
    ],
)
def test_one_that_fails_is_named_and_leaves_nothing(offered, tmp_path, monkeypatch, at, what):
    offered("broken", Broken)
    monkeypatch.setattr(Broken, "at", at)
    (tmp_path / "p.broken").write_text("before")
    with pytest.raises(PluginError) as caught:
        write_predictions(tmp_path / "p.broken", PROB)
    assert str(caught.value) == (
        f"format 'broken' ({__name__}:Broken from this process -) failed: {what}"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["p.broken"]
    assert (tmp_path / "p.broken").read_text() == "before"


def test_one_that_writes_no_file_is_named(offered, tmp_path):
    class Silent(Best):
        def __exit__(self, *_):
            pass

    offered("silent", Silent)
    with pytest.raises(PluginError) as caught:
        write_predictions(tmp_path / "p.silent", PROB)
    owner = f"{__name__}:test_one_that_writes_no_file_is_named.<locals>.Silent"
    assert str(caught.value) == (
        f"format 'silent' ({owner} from this process -) wrote no file; it must write to its path"
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (Hostile, "cannot be built: Hostile: Hostile, which cannot be shown"),
        (HostileText, "cannot be built: HostileText: said"),
    ],
    ids=range(2),  # pytest could not show them
)
def test_what_it_raises_may_refuse_to_be_shown(offered, tmp_path, make, why):
    def raises(*, path, layout):
        raise make

    offered("broken", raises)
    with pytest.raises(PluginError) as caught:
        write_predictions(tmp_path / "p.broken", PROB)
    assert str(caught.value).endswith(f" from this process -) {why}")


def test_a_disk_that_does_not_say_what_is_wrong(offered, tmp_path):
    class Disk(Best):
        def write(self, piece):
            raise HostileOSError("broken")

    offered("disk", Disk)
    with pytest.raises(OutputError) as caught:
        write_predictions(tmp_path / "p.disk", PROB)
    assert str(caught.value) == f"cannot write {tmp_path / 'p.disk'}: broken"


def predict_wrongly(path):
    with predictions_file(path, Layout(classes=2)):
        raise LookupError("the network's")


def test_what_goes_wrong_elsewhere_is_not_the_formats_fault(offered, tmp_path):
    offered("best", Best)
    with pytest.raises(LookupError, match="the network's"):
        predict_wrongly(tmp_path / "p.best")
    assert list(tmp_path.iterdir()) == []


def test_the_keywords_are_the_contract(offered, tmp_path):
    offered("odd", lambda file: None)
    with pytest.raises(PluginError) as caught:
        write_predictions(tmp_path / "p.odd", PROB)
    assert str(caught.value).endswith("must take the keyword 'path', and does not")


def test_an_unknown_format_is_answered_with_the_nearest(tmp_path):
    with pytest.raises(UsageError) as caught:
        write_predictions(tmp_path / "p.jsn", PROB)
    assert str(caught.value) == f"{tmp_path}/p.jsn: unknown format 'jsn'; did you mean 'jsonl'?"
