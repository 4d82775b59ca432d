"""What an error tells people to do is right wherever mxdigits came from."""

from __future__ import annotations

from importlib import metadata
from types import SimpleNamespace

import pytest
from hostile_objects import Hostile, HostileOSError, HostileText, Odd

from mxdigits.errors import PluginError, describe, naming, reason_of, type_name
from mxdigits.installing import install_command

REQUIRES = [
    "numpy<2,>=1.23",
    "tomli; python_version < '4'",
    "mxnet==1.9.1; extra == 'cpu'",
    "setuptools; python_version >= '3' and extra == 'cpu'",
    "other; python_version >= '4' and extra == 'cpu'",
    "matplotlib>=3.7; extra == 'report'",
    "jax[cuda12,k8s]<0.13,>=0.4.30; extra == 'xla-cuda'",
]


@pytest.fixture
def mxnet(monkeypatch):
    """Says whether MXNet is installed: a module, a folder of that name, or nothing."""

    def mxnet(what):
        spec = {"module": SimpleNamespace(origin="there"), "folder": SimpleNamespace(origin=None)}
        monkeypatch.setattr("importlib.util.find_spec", lambda name: spec.get(what))

    return mxnet


@pytest.mark.parametrize(
    ("extra", "command"),
    [
        ("cpu", "pip install mxnet==1.9.1 setuptools"),
        ("report", "pip install 'matplotlib>=3.7'"),
        ("xla-cuda", "pip install 'jax[cuda12,k8s]<0.13,>=0.4.30'"),
        ("unheard-of", "pip install 'mxdigits[unheard-of]'"),
    ],
)
def test_what_an_extra_needs_is_named(monkeypatch, mxnet, extra, command):
    monkeypatch.setattr(metadata, "requires", {"mxdigits": REQUIRES}.__getitem__)
    for what in ("nothing", "folder"):
        mxnet(what)
        assert install_command(extra) == command
    mxnet("module")  # which a newer NumPy would break
    assert install_command(extra) == f"{command} 'numpy<2'"


def test_numpy_is_named_once(monkeypatch, mxnet):
    required = ["numpy<2; extra == 'cpu'", "mxnet==1.9.1; extra == 'cpu'"]
    monkeypatch.setattr(metadata, "requires", {"mxdigits": required}.__getitem__)
    mxnet("module")
    assert install_command("cpu") == "pip install 'numpy<2' mxnet==1.9.1"


def test_without_metadata_the_extra_is_named(monkeypatch, mxnet):
    mxnet("nothing")

    def refuse(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", refuse)
    assert install_command("cpu") == "pip install 'mxdigits[cpu]'"


@pytest.mark.parametrize(
    ("make", "described", "reason"),  # pytest itself could not show what is made
    [
        (lambda: ValueError("two\n lines"), "ValueError: two lines", "two lines"),
        (ValueError, "ValueError", "ValueError"),
        (lambda: OSError(5, "It broke"), "OSError: [Errno 5] It broke", "It broke"),
        (Hostile, "Hostile: Hostile, which cannot be shown", "Hostile, which cannot be shown"),
        (HostileText, "HostileText: said", "said"),
        (lambda: HostileOSError("x"), "HostileOSError: x", "x"),
    ],
    ids=range(6),
)
def test_an_exception_can_be_told_whatever_it_hides(make, described, reason):
    error = make()
    assert describe(error) == described
    assert reason_of(error) == reason
    with pytest.raises(PluginError) as caught, naming("it"):
        raise error
    assert str(caught.value) == f"it: {described}"


def test_the_name_of_a_type_that_hides_it():
    assert [type_name(each) for each in (Odd(), Hostile(), 1)] == ["Odd", "Hostile", "int"]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("broken PNG file (chunk b'x(y')", "broken PNG file (chunk ...)"),
        ("bad checksum in b'ID\\'AT' and b\"it's\"", "bad checksum in ... and ..."),
        ("Not a gzipped file (b'mo')", "Not a gzipped file (...)"),
        ("no b at all, and no 'bytes'", "no b at all, and no 'bytes'"),
    ],
)
def test_the_bytes_that_a_library_quotes_are_left_out(said, reason):
    assert reason_of(ValueError(said)) == reason


def test_a_reason_in_bytes_is_read_as_text():
    assert reason_of(ValueError(b"too long: 12\xff")) == r"too long: 12\xff"
    error = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
    assert reason_of(error).startswith("'utf-8' codec can't decode byte 0xff")
