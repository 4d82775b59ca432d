"""A run's network given away: the wheel, used where it is installed; the card; a hub's folder."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from refusals import refusal

pytest.importorskip("onnx", reason="a package holds an ONNX file")
pytest.importorskip("onnxruntime", reason="a package holds an ONNX file")
pytest.importorskip("safetensors", reason="a hub's folder holds safetensors")

import yaml
from PIL import Image

import mxdigits as public
from mxdigits.errors import DataError, OutputError, PluginError, UsageError
from mxdigits.export.export import ExportOptions
from mxdigits.export.naming import naming_of
from mxdigits.export.package import PackageRequest, hub_folder, package
from mxdigits.export.parity import ExportDiffers
from mxdigits.export.source import run_source
from mxdigits.plugins.registry import NETWORKS
from mxdigits.predict.cards import network_card
from mxdigits.predict.networks import load, network_path
from mxdigits.predict.opening import EvaluationRequest
from mxdigits.report.results import read_results


def unheard(text: str) -> None:
    pass


@pytest.fixture(scope="module")
def package_request(bars_run) -> PackageRequest:
    source = run_source(bars_run, EvaluationRequest(), unheard)
    options = ExportOptions(17, 0.002, source.training_images, unheard)
    called = naming_of(bars_run, None, "1.0", "CC-BY-4.0")
    return PackageRequest(read_results(bars_run, unheard), source, called, options)


@pytest.fixture(scope="module")
def wheel(package_request, tmp_path_factory) -> Path:
    file, done = package(package_request, tmp_path_factory.mktemp("dist"))
    assert done.parity.equal == done.parity.images
    return file


@pytest.fixture
def site(wheel, tmp_path, monkeypatch) -> Path:
    """The wheel as pip lays it out, in a folder that Python looks into."""
    folder = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(folder)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(NETWORKS, "_offered", None)
    yield folder
    sys.modules.pop("digits_bars", None)


def test_a_wheel_holds_the_network_its_card_and_its_name(wheel):
    assert wheel.name == "digits_bars-1.0-py3-none-any.whl"
    archive = zipfile.ZipFile(wheel)
    assert archive.namelist()[:3] == [
        "digits_bars/__init__.py",
        "digits_bars/digits-bars.onnx",
        "digits_bars/README.md",
    ]
    described = archive.read("digits_bars-1.0.dist-info/METADATA").decode().partition("\n\n")[2]
    assert described.startswith("# digits-bars\n")
    assert archive.read("digits_bars/README.md").decode().endswith(described)


def test_the_same_run_gives_the_same_wheel(package_request, wheel, tmp_path):
    again, _ = package(package_request, tmp_path)
    assert again.read_bytes() == wheel.read_bytes()


def test_an_installed_network_predicts(site, package_request):
    assert NETWORKS.names() == ["digits", "digits-bars"]
    network = load("digits-bars")
    assert (network.name, network.classes) == ("digits-bars", ("0", "1", "2", "3"))
    assert network.image_shape == (1, 16, 16)
    images, prob = package_request.results.test.images, package_request.results.prob
    np.testing.assert_allclose(network.predict(images), prob, atol=1e-5)
    np.testing.assert_allclose(network.predict(images[:, 0]), prob, atol=1e-5)
    told = refusal(DataError, network.predict, np.zeros((2, 8, 8), np.uint8))
    assert told == ("predict: digits-bars takes images of shape (1, 16, 16); these are (1, 8, 8)")
    assert network_card("digits-bars").startswith("---\nlicense: cc-by-4.0\n")


def test_a_picture_is_prepared(site, tmp_path):
    picture = np.zeros((32, 32), np.uint8)
    picture[:, 16:] = 255
    Image.fromarray(picture).save(tmp_path / "p.png")
    image = load("digits-bars").prepare(tmp_path / "p.png")
    assert (image.shape, image.dtype) == ((1, 16, 16), np.uint8)
    assert image[0, 0, 0] == 0
    assert image[0, 0, -1] == 255


def test_a_run_folder_is_loaded_too(bars_run, package_request):
    images, prob = package_request.results.test.images, package_request.results.prob
    np.testing.assert_allclose(load(bars_run).predict(images), prob, atol=1e-6)
    assert public.load is load


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("network = 3", "is not callable but int"),
        ("def network(): return 3", "must give the path of a file or a folder, not int"),
        ("def network(): return 'x'", "gives no ONNX file and no folder of a network: x"),
        (
            "def network(): return __file__",
            "gives no ONNX file and no folder of a network: ",
        ),
        ("def network(): raise OSError('no')", "cannot be built: OSError: no"),
    ],
)
def test_a_broken_network_is_named(code, told, site):
    (site / "digits_bars" / "__init__.py").write_text(code)
    message = refusal(PluginError, network_path, "digits-bars")
    assert "network 'digits-bars' (digits_bars:network from digits-bars 1.0)" in message
    assert told in message


def test_what_is_there_is_not_replaced(package_request, wheel):
    told = refusal(OutputError, package, package_request, wheel.parent)
    assert told == f"{wheel} is there already; --force replaces it"
    package(package_request, wheel.parent, force=True)


def test_a_network_that_answers_otherwise_is_not_packed(package_request, tmp_path):
    from dataclasses import replace

    strict = replace(package_request, tolerance=-1)
    refusal(ExportDiffers, package, strict, tmp_path)
    refusal(ExportDiffers, hub_folder, strict, tmp_path / "hub", ["onnx"])
    assert list(tmp_path.iterdir()) == []


def test_a_hubs_folder(package_request, tmp_path, idx_folder):
    folder = tmp_path / "a" / "hub"
    hub_folder(package_request, folder, ["onnx", "safetensors"])
    assert sorted(each.name for each in folder.iterdir()) == [
        "README.md",
        "config.json",
        "model.onnx",
        "model.safetensors",
        "recipe.yaml",
    ]
    config = json.loads((folder / "config.json").read_text())
    assert config["id2label"] == {"0": "0", "1": "1", "2": "2", "3": "3"}
    assert config["image_shape"] == [1, 16, 16]
    card = (folder / "README.md").read_text()
    metadata = yaml.safe_load(card.split("---\n")[1])
    assert metadata["tags"][:2] == ["onnx", "safetensors"]
    assert "mxdigits predict model.onnx photo.png" in card
    # Nobody else has this machine's folders.
    assert str(idx_folder.parent) not in card + (folder / "recipe.yaml").read_text()
    told = refusal(OutputError, hub_folder, package_request, folder, ["onnx"])
    assert told == f"{folder} is there already, and is no empty folder"
    assert load(folder / "model.onnx").classes == ("0", "1", "2", "3")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("1st",), "--name '1st' is no name for a package"),
        (("",), "--name '' is no name for a package"),
        (("a" * 81,), f"--name {'a' * 81!r} is no name for a package"),
        (("ä",), "--name 'ä' is no name for a package"),
        (("class",), "--name 'class' is taken by Python or mxdigits; write another"),
        (("MXDigits",), "--name 'MXDigits' is taken by Python or mxdigits; write another"),
        (("a", "one"), "--version 'one' is no version, such as 1.0"),
        *(
            (
                ("a", "1", license),
                f"--license {license[:100]!r} is no licence that SPDX lists, such as CC-BY-4.0 or "
                "Apache-2.0 (all: spdx.org/licenses); of your own: LicenseRef-NAME",
            )
            for license in ("nonsense", "a\nb", "MIT AND", " ", "Apache 2.0", "MIT WITH MIT")
        ),
        (("a", "1", "a" * 101), f"--license '{'a' * 100}...' is no licence that SPDX lists"),
    ],
)
def test_names_that_cannot_be(given, told, bars_run):
    assert refusal(UsageError, naming_of, bars_run, *given).startswith(told)


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("", ""),
        ("cc-by-4.0", "CC-BY-4.0"),
        ("mit or apache-2.0", "MIT OR Apache-2.0"),
        ("LicenseRef-Mine", "LicenseRef-Mine"),
    ],
)
def test_licences_are_written_as_spdx_does(given, canonical, bars_run):
    assert naming_of(bars_run, license=given).license == canonical


def test_what_it_is_called_by_default(bars_run):
    called = naming_of(bars_run)
    assert called.name == "digits-bars"
    assert called.version.startswith("20")
    assert called.version.count(".") == 3
    assert naming_of(bars_run, "My_Digits", "01.0").module == "my_digits"


def test_the_command_line(bars_run, mxdigits_process, tmp_path):
    done = mxdigits_process("package", bars_run, "--version", "2", "--name", "bars")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    wheel = tmp_path / "bars-2-py3-none-any.whl"
    assert lines[-2:] == [
        f"wheel: {wheel.name}",
        f"to use it: pip install {wheel.name} && mxdigits predict bars photo.png",
    ]
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    found = {"PYTHONPATH": str(site)}
    accuracy = mxdigits_process("score", bars_run).stdout.split()[1]
    listed = mxdigits_process("networks", **found).stdout.splitlines()
    assert [line.split() for line in listed] == [
        ["name", "distribution", "version", "state", "test", "accuracy"],
        ["bars", "bars", "2", "ok", accuracy],
        mxdigits_process("networks").stdout.splitlines()[1].split(),
    ]
    assert mxdigits_process("networks", "show", "bars", **found).stdout.startswith(
        "---\nlibrary_name: "
    )
    data = json.loads((bars_run / "run.json").read_text())["data"]["options"]["path"]
    scored = mxdigits_process("score", "bars", "--data", data, **found)
    assert scored.returncode == 0, scored.stderr
    assert scored.stdout == mxdigits_process("score", bars_run).stdout
    exported = mxdigits_process("export", "bars", **found)
    assert exported.stderr.startswith("error: the network bars is an ONNX file already: ")
    for verb in ("predict", "score", "serve"):
        unknown = mxdigits_process(verb, "bar", **found)
        assert unknown.returncode == 3
        assert unknown.stderr == (
            "error: there is no run folder bar, nor an installed network of that name; "
            "did you mean 'bars'?\n"
        )
    (tmp_path / "runs" / "bars").mkdir(parents=True)
    passed = mxdigits_process("predict", "bars", "x.png", **found)
    assert passed.stderr.startswith("bars means the run in runs here, not the installed network\n")


def test_the_card_by_the_command_line(bars_run, mxdigits, tmp_path):
    printed = mxdigits("card", bars_run)
    assert printed.returncode == 0, printed.stderr
    written = mxdigits("card", bars_run, "-o", "card.md")
    assert written.stdout == "card: card.md\n"
    assert (tmp_path / "card.md").read_text() == printed.stdout
    again = mxdigits("card", bars_run, "-o", "card.md")
    assert (again.returncode, again.stderr) == (
        3,
        "error: card.md is there already; --force replaces it\n",
    )
    laid = mxdigits("card", bars_run, "--hub-folder", "hub", "--format", "mxnet")
    assert laid.returncode == 0, laid.stderr
    assert (tmp_path / "hub" / "model-symbol.json").is_file()
    for arguments, told in [
        (["--format", "onnx"], "--format is for --hub-folder"),
        (["--hub-folder", "h", "-o", "c"], "--hub-folder has the card in it; leave out --output"),
    ]:
        refused = mxdigits("card", bars_run, *arguments)
        assert (refused.returncode, refused.stderr) == (2, f"error: {told}\n")
