"""The network that comes with mxdigits, and which words name a network and which an input."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from read_once import mnist_once

from mxdigits import load
from mxdigits.cli import main
from mxdigits.cli.networks import (
    installed_name,
    network_and_inputs,
    network_and_options,
    network_of,
)
from mxdigits.errors import MxdigitsError
from mxdigits.networks.digits import network
from mxdigits.predict.cards import accuracy_of, network_accuracy, network_card
from mxdigits.registry import NETWORKS
from mxdigits.runs.folder import RunFolder

TAKEN = "no run was named, so the network 'digits' of mxdigits is used\n"
STAMP = "20260102T030400Z-000000"
OWN = network()


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """A folder with a run of mlp, pictures, and folders that hold pictures, nothing, and runs."""
    monkeypatch.chdir(tmp_path)
    folder = RunFolder(Path("runs/mlp", STAMP))
    folder.path.mkdir(parents=True)
    for file in (folder.record_file, folder.recipe_file, folder.symbol_file):
        file.write_text("{}")
    folder.parameters_file.write_text("")
    images = mnist_once().test.images
    for place in ("seven.png", "scans/seven.png", "digits.d/a.png"):
        Path(place).parent.mkdir(exist_ok=True)
        Image.fromarray(255 - images[0, 0]).resize((84, 84)).save(place)
    Path("empty").mkdir()
    Path("mine.onnx").write_text("")
    Path("gone.png").symlink_to("nowhere.png")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "found", "left"),
    [
        ([], OWN, []),
        (["seven.png"], OWN, ["seven.png"]),
        (["./seven.png", "mlp"], OWN, ["./seven.png", "mlp"]),
        (["-"], OWN, ["-"]),
        (["/dev/null"], OWN, ["/dev/null"]),  # its reader says that it opens none
        (["gone.png"], OWN, ["gone.png"]),  # its reader says that it is a link to nowhere
        (["scans/"], OWN, ["scans/"]),
        (["*.png", "scans"], OWN, ["*.png", "scans"]),
        (["mnist"], OWN, ["mnist"]),
        (["path=a", "transpose=true"], OWN, ["path=a", "transpose=true"]),
        (["mlp", "seven.png"], Path("runs/mlp", STAMP), ["seven.png"]),
        ([f"runs/mlp/{STAMP}"], Path("runs/mlp", STAMP), []),
        (["mine.onnx", "seven.png"], Path("mine.onnx"), ["seven.png"]),
        (["digits", "seven.png"], OWN, ["seven.png"]),
        (["empty", "seven.png"], Path("empty"), ["seven.png"]),  # its reader says what it lacks
    ],
)
def test_the_first_word_is_a_run_wherever_it_can_be_one(here, capsys, words, found, left):
    first, *rest = words or [None]
    assert network_and_inputs(first, rest) == (found, left)
    said = capsys.readouterr().err
    assert (said == TAKEN) == (left == words)


def test_a_folder_of_pictures_that_is_called_as_the_network_is_an_input(here, capsys):
    Path("digits.d").rename("digits")
    assert network_and_inputs("digits", []) == (OWN, ["digits"])
    assert capsys.readouterr().err == TAKEN


def test_a_run_that_is_called_as_the_network_comes_first(here, capsys):
    Path("runs/mlp").rename("runs/digits")
    assert network_of("digits") == Path("runs/digits", STAMP)
    assert capsys.readouterr().err == (
        "digits means the run in runs here, not the installed network\n"
        f"run: runs/digits/{STAMP}, the newest of 1 in runs/digits\n"
    )
    assert network_of(None) == OWN


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("other.png", "there is no file other.png, nor a run or a network of that name"),
        (
            "digit",
            "there is no run folder digit, nor a run of that name in runs, nor an installed "
            "network of that name; did you mean 'digits'?",
        ),
        ("runs", "runs holds the runs of mlp; name one, as in runs/mlp"),
        ("*.gif", "no file matches *.gif"),
        (
            "https://example.org/seven.png",
            "https://example.org/seven.png is an address, and only files are read; download it "
            "and name the file",
        ),
        (
            "empty",
            "the folder empty holds no pictures (.bmp, .gif, .jpe, .jpeg, .jpg, .pbm, .pgm, .png, "
            ".ppm, .tif, .tiff, .webp), nor a run",
        ),
        (
            "x" * 300,
            f"there is no run folder {'x' * 300}, nor a run of that name in runs, nor an "
            "installed network of that name; known: digits, mlp",
        ),
    ],
)
def test_a_word_that_is_neither(here, word, message):
    if word == "runs":
        Path("runs/other").mkdir()
    with pytest.raises(MxdigitsError) as caught:
        network_and_inputs(word, [])
    assert str(caught.value) == message


def test_options_of_a_data_set_are_no_run(here):
    assert network_and_options("path=mine", ["transpose=true"]) == (
        OWN,
        ["path=mine", "transpose=true"],
    )
    assert network_and_options("mlp", None) == (Path("runs/mlp", STAMP), [])


def test_where_nothing_is_installed_but_what_comes_with_mxdigits(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["score", "lenet"]) == 3
    assert capsys.readouterr().err == (
        "error: there is no run folder lenet, nor an installed network of that name; "
        "known: digits\n"
    )


@pytest.mark.parametrize(
    "command",
    ["package digits", "report digits", "runs show digits", "compare digits", "ensemble digits"],
)
def test_where_a_run_is_needed_an_installed_network_is_none(tmp_path, monkeypatch, capsys, command):
    """Among others, whoever trains a network further or compares it needs to know its recipe."""
    monkeypatch.chdir(tmp_path)
    assert main(command.split()) == 3
    verb = command.rpartition(" ")[0]
    said = f"error: digits is an installed network, and {verb} takes a run; "
    assert capsys.readouterr().err == f"{said}mxdigits run lenet would make one\n"
    (tmp_path / "runs" / "mlp" / STAMP).mkdir(parents=True)
    assert main(command.split()) == 3
    assert capsys.readouterr().err == f"{said}name one, such as mlp\n"


@pytest.mark.parametrize("arguments", [["predict"], ["predict", "--data", "idx", "path=mine"]])
def test_there_has_to_be_something_to_predict(arguments, capsys):
    assert main(arguments) == 2
    assert capsys.readouterr().err == (
        "error: what to predict, and where to? name pictures, or a file with --output\n"
    )


# The network itself


@pytest.mark.mxnet
def test_a_picture_is_read_right_after_the_installation(here, mxdigits):
    done = mxdigits("predict", "seven.png")
    assert (done.returncode, done.stderr) == (0, TAKEN)
    assert done.stdout.startswith("seven.png: 7 ")


@pytest.mark.mxnet
def test_it_has_the_accuracy_that_its_card_states(here, mxdigits):
    stated = network_accuracy(NETWORKS.entry("digits"))
    assert stated > 0.99
    done = mxdigits("score", "--min-accuracy", f"{stated:.4f}")
    assert (done.returncode, done.stderr) == (0, TAKEN)
    assert done.stdout.startswith(f"accuracy  {stated:.4f}  ")


@pytest.mark.mxnet
def test_python_takes_it_too(here):
    said: list[str] = []
    opened = load(say=said.append)
    assert (opened.name, said) == ("digits", [TAKEN.rstrip()])
    digit = opened.prepare("seven.png")
    assert opened.predict(digit[None]).argmax() == 7
    assert load("digits").predict(np.zeros((2, 28, 28), np.uint8)).shape == (2, 10)


def test_it_is_listed_and_shows_its_card(here, mxdigits):
    header, row = mxdigits("networks").stdout.splitlines()
    assert header.split() == ["name", "distribution", "version", "state", "test", "accuracy"]
    assert row.split()[::4] == ["digits", f"{network_accuracy(NETWORKS.entry('digits')):.4f}"]
    for words in (["networks", "show", "digits"], ["card", "digits"]):
        assert mxdigits(*words).stdout.rstrip() == network_card("digits").rstrip()
    refused = mxdigits("card", "digits", "-o", "card.html")
    assert (refused.returncode, refused.stderr) == (
        2,
        "error: card.html is no name of a card, which is Markdown: write card.md\n",
    )
    assert mxdigits("card", "digits", "-o", "card.md").stdout == "card: card.md\n"
    assert mxdigits("card", "digits", "-o", "card.md").stderr == (
        "error: card.md is there already; --force replaces it\n"
    )


@pytest.mark.mxnet
def test_it_is_exported_as_a_run_is(here, mxdigits):
    done = mxdigits("export", "digits", "--format", "mxnet")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("mxnet: digits-symbol.json, digits-0000.params\n")


def test_a_card_with_another_licence_is_made_anew(here, mxdigits):
    done = mxdigits("card", "digits", "--license", "MIT", "--name", "mine")
    assert done.stdout.startswith("---\nlicense: mit\n")
    assert "\n# mine\n" in done.stdout


def test_it_is_small_and_tells_nothing_of_the_machine_that_trained_it():
    files = [file for file in OWN.iterdir() if file.is_file()]
    assert sum(file.stat().st_size for file in files) < 2_000_000
    record = RunFolder(OWN).read_whole_record()
    assert record["state"] == "finished"
    assert "installed" not in record
    for file in files:
        if file.suffix != ".params":
            assert not re.search(r"[\s\"'](/\w+){2}", file.read_text())


@pytest.mark.parametrize(
    "card",
    [
        "",
        "---\n",
        "---\na: [\n---\n",
        "---\nmodel-index: 3\n---\n",
        "---\nmodel-index: []\n---\n",
        "---\nmodel-index: [{results: [{metrics: [{type: accuracy, value: 2.0}]}]}]\n---\n",
        "---\nmodel-index: [{results: [{metrics: [{type: accuracy, value: high}]}]}]\n---\n",
        "---\nmodel-index: [{results: [{metrics: [{type: f1, value: 0.5}]}]}]\n---\n",
    ],
)
def test_a_card_that_states_no_accuracy(card):
    assert accuracy_of(card) is None
    good = "---\nmodel-index: [{results: [{metrics: [{type: accuracy, value: 0.5}]}]}]\n---\n"
    assert accuracy_of(good) == 0.5


@pytest.mark.parametrize(
    ("given", "path", "name"),
    [
        (None, OWN, "digits"),
        ("digits", OWN, "digits"),
        ("digits", Path("runs/digits", STAMP), ""),
        ("mlp", Path("runs/mlp", STAMP), ""),
        ("mine.onnx", Path("mine.onnx"), ""),
    ],
)
def test_an_installed_network_is_called_by_its_name(given, path, name):
    assert installed_name(given, Path(path)) == name
