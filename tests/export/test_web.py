"""The file of the format ``web``: what it holds and what is refused; tests/page opens it."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path

import numpy as np
import pytest
from sums import network

pytest.importorskip("onnx", reason="the format web needs onnx")
pytest.importorskip("onnxruntime", reason="the format web needs onnxruntime")

import mxdigits
from mxdigits.errors import DataError, UsageError
from mxdigits.export.formats import ExportOptions
from mxdigits.export.web import web as module
from mxdigits.export.web.file import model_in, web_page
from mxdigits.export.web.web import Web

WEB = Path(mxdigits.__file__).parent / "export" / "web"
OPTIONS = ExportOptions(17, 0, lambda most: np.zeros((0, 1, 2, 2), np.float32), lambda text: None)


def test_a_file_gives_back_the_network_that_was_put_into_it(tmp_path):
    target = tmp_path / "sums.html"
    Web().write(network(), target, OPTIONS)
    images = np.random.default_rng(0).random((5, 1, 2, 2), np.float32)
    sums = images.sum(axis=(1, 2, 3))
    found = Web().load(target)(images)
    np.testing.assert_allclose(found[:, 0], 1 / (1 + np.exp(-2 * sums)), atol=1e-6)


@pytest.mark.parametrize("size", range(1, 10))
def test_a_model_of_any_size_comes_back(size):
    model = bytes(range(size))
    assert model_in(web_page(model, network().description), "it") == model


def test_its_policy_lets_it_run_its_own_scripts_and_ask_nobody():
    text = web_page(b"1234", network().description)
    policy = re.search('<meta http-equiv="Content-Security-Policy" content="([^"]*)">', text)[1]
    assert re.fullmatch(
        r"default-src 'none'; script-src( 'sha256-[\w+/]{43}='){3} blob: 'wasm-unsafe-eval'; "
        r"style-src 'sha256-[\w+/]{43}='; img-src data:; base-uri 'none'; form-action 'none'; "
        r"require-trusted-types-for 'script'",
        policy.replace("&#x27;", "'"),
    )
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", text)


def test_what_a_class_is_called_ends_no_script():
    name = "</script><script>alert(1)</script>"
    described = network(classes=(name, "<!--")).description
    text = web_page(b"1234", described)
    assert name not in text
    assert text.count("<script") == web_page(b"1234", network().description).count("<script")


@pytest.mark.parametrize(
    ("described", "error", "told"),
    [
        ({"classes": ()}, UsageError, "web needs the names of classes; write --classes"),
        (
            {"image_shape": (4,)},
            UsageError,
            "web needs images (channels, height, width); this network takes (4,)",
        ),
        (
            {"preprocessing": "mnist", "image_shape": (3, 32, 32)},
            DataError,
            "digitized pictures are 28 x 28; this network takes images of shape (3, 32, 32)",
        ),
        (
            {"preprocessing": "mine"},
            DataError,
            "this mxdigits knows no preprocessing called 'mine'",
        ),
    ],
)
def test_a_network_that_no_picture_can_be_given_to_is_refused(described, error, told):
    with pytest.raises(error) as caught:
        Web().check(network(**described), OPTIONS)
    assert str(caught.value) == told


def test_operators_newer_than_the_runtime_are_refused(monkeypatch):
    monkeypatch.setattr(module, "NEWEST_OPSET", 16)
    with pytest.raises(UsageError) as caught:
        Web().check(network(), OPTIONS)
    assert str(caught.value) == "opset 17: the format web takes up to 16"


def test_a_page_without_a_network_is_told_from_a_file(tmp_path):
    (tmp_path / "page.html").write_text("<p>hello</p>")
    with pytest.raises(DataError) as caught:
        Web().load(tmp_path / "page.html")
    assert str(caught.value) == (
        f"{tmp_path}/page.html holds no network: it was not written by mxdigits export"
    )


def test_the_runtime_is_what_was_fetched():
    sums = dict(
        line.split()[::-1] for line in (WEB / "runtime/SHA256SUMS").read_text().splitlines()
    )
    packed = {path.name[:-3]: path for path in WEB.glob("runtime/*.gz")}
    assert sums.keys() == packed.keys()
    for name, path in packed.items():
        content = gzip.decompress(path.read_bytes())
        assert hashlib.sha256(content).hexdigest() == sums[name]
        if name.endswith(".js"):  # it stands in the page as it is
            assert b"</script" not in content
            assert b"<!--" not in content
