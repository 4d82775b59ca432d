"""What an error tells people to do is right wherever mxdigits came from."""

from __future__ import annotations

from importlib import metadata

import pytest

from mxdigits.errors import install_command

REQUIRES = [
    "numpy<2,>=1.23",
    "tomli; python_version < '4'",
    "mxnet==1.9.1; extra == 'cpu'",
    "setuptools; python_version >= '3' and extra == 'cpu'",
    "other; python_version >= '4' and extra == 'cpu'",
    "matplotlib>=3.7; extra == 'report'",
    "jax[cuda12]<0.13,>=0.4; extra == 'xla-cuda'",
]


@pytest.mark.parametrize(
    ("extra", "command"),
    [
        ("cpu", "pip install mxnet==1.9.1 setuptools"),
        ("report", "pip install 'matplotlib>=3.7'"),
        ("xla-cuda", "pip install 'jax[cuda12]<0.13,>=0.4'"),
        ("unheard-of", "pip install 'mxdigits[unheard-of]'"),
    ],
)
def test_what_an_extra_needs_is_named(monkeypatch, extra, command):
    monkeypatch.setattr(metadata, "requires", {"mxdigits": REQUIRES}.__getitem__)
    assert install_command(extra) == command


def test_without_metadata_the_extra_is_named(monkeypatch):
    def refuse(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", refuse)
    assert install_command("cpu") == "pip install 'mxdigits[cpu]'"
