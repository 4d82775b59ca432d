"""The command line as far as it goes without MXNet: exit codes, and every word of an error."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import GenericAlias
from typing import get_type_hints

import numpy as np
import pytest
from PIL import Image

from mxdigits import __version__
from mxdigits.cli import app as app_module
from mxdigits.cli import main, options, verbs
from mxdigits.cli.verbs import command_line
from mxdigits.plugins.registry import DATASETS, MODELS
from mxdigits.printing import print_error
from mxdigits.recipe import schema as recipe
from mxdigits.recipe.schema import Recipe
from mxdigits.registry import register_dataset

SHIPPED = (
    "best, digits, lenet, lenet_gpu, lenet_quick, mlp, quick, resnet20, "
    "resnet20_short, small, strong"
)
BAD_RECIPE = "modle: lenet\nepochs: 0\nlr: 0.1\noptimizer: {name: sgd, nesterov: true}\n"
VERBS = (
    "card, check, compare, datasets, doctor, ensemble, errors, explain, export, folds, init, "
    "launch, learn, lr, models, networks, package, plugins, predict, profile, recipes, report, "
    "reproduce, resume, run, runs, score, serve, sweep"
)


# Usage


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["nope"], f"there is no verb 'nope'; known: {VERBS}"),
        (["rnu", "lenet"], "there is no verb 'rnu'; did you mean 'run'?"),
        (["lenet"], "there is no verb 'lenet'; to run this recipe: mxdigits run lenet"),
        (["train", "lenet"], "there is no verb 'train'; write mxdigits run"),
        (["test", "lenet"], "there is no verb 'test'; write mxdigits score"),
        (["help"], "there is no verb 'help'; write mxdigits --help"),
        (["-v"], "No such option: -v; see mxdigits --help"),
        (["--nope"], "No such option: --nope; see mxdigits --help"),
        *(
            ([*verb.split(), option], f"No such option: {option}; {what}")
            for verb, option, what in (
                ("score", "--bakcend", "did you mean --backend?"),
                ("score", "--gpu", "write --context gpu"),
                ("run", "--no-reprot", "did you mean --no-report?"),
                ("package", "--outpt", "did you mean --output?"),
                # Names that merely share some letters with --report, --output and --help.
                ("resume", "--retort-it", "see mxdigits resume --help"),
                ("predict", "--ouch", "see mxdigits predict --help"),
                ("runs rm", "--hp", "see mxdigits runs rm --help"),
            )
        ),
        (["run"], "RECIPE is missing: write mxdigits run RECIPE"),
        (
            ["run", "--recipe", "lenet"],
            "No such option: --recipe; RECIPE has no dashes: write mxdigits run RECIPE",
        ),
        (
            ["compare", "--run", "a", "b"],
            "No such option: --run; RUN... has no dashes: write mxdigits compare RUN...",
        ),
        (["run", "lenet", "--format"], "Option '--format' requires an argument."),
        (["predict", "nope.jpg"], "there is no file nope.jpg, nor a run or a network of that name"),
        (["report"], "RUN is missing: write mxdigits report RUN"),
        (["compare"], "RUN... is missing: write mxdigits compare RUN..."),
        (["learn"], "RUN is missing: write mxdigits learn RUN CORRECTIONS"),
        (["models", "show"], "NAME is missing: write mxdigits models show NAME"),
        (["models", "nope"], "there is no verb 'nope'; known: show"),
        (
            ["models", "lenet"],
            "there is no verb 'lenet'; to see what it is: mxdigits models show lenet",
        ),
        (
            ["datasets", "mnist"],
            "there is no verb 'mnist'; to see what it is: mxdigits datasets show mnist",
        ),
        (["plugins", "show", "x"], "there is no verb 'show'; known: check, new"),
        (
            ["recipes", "lenet"],
            "mxdigits recipes takes no more arguments, got lenet; see mxdigits recipes --help",
        ),
        (["check"], "which recipe? write mxdigits check RECIPE, or --schema"),
        (
            ["check", "nope"],
            f"there is no file nope, nor a shipped recipe of that name; known: {SHIPPED}",
        ),
        (
            ["run", "lenett"],
            "there is no file lenett, nor a shipped recipe of that name; did you mean 'lenet'?",
        ),
        (["run", "."], "cannot read the recipe .: it is a folder"),
        (
            ["check", "mlp", "epochs"],
            "'epochs' is not an override; write key=value, as in epochs=3",
        ),
        (
            ["check", "mlp", "epochs: 3"],
            "'epochs: 3' is not an override; write key=value, as in epochs=3",
        ),
        (
            ["check", "mlp", "model.hidden=[3"],
            "override model.hidden=[3:1:3: not YAML: a bracket is never closed; ] is missing",
        ),
        (
            ["run", "lenet", "--epochs", "2"],
            "No such option: --epochs; keys of a recipe have no dashes: write epochs=2",
        ),
        (
            ["run", "lenet", "--batch-size=64", "--plain"],
            "No such option: --batch-size; keys of a recipe have no dashes: "
            "write data.batch_size=64",
        ),
        (
            ["check", "mlp", "--optimizer.momentum", "0.9"],
            "No such option: --optimizer.momentum; keys of a recipe have no dashes: "
            "write optimizer.momentum=0.9",
        ),
        (
            ["check", "mlp", "--lr", "--schema"],
            "No such option: --lr; keys of a recipe have no dashes: "
            "write optimizer.learning_rate=...",
        ),
        (
            ["run", "lenet", "--gpu"],
            "No such option: --gpu; keys of a recipe have no dashes: write context=gpu",
        ),
        *(
            (
                [verb, *words, "--epochs", "2"],
                "No such option: --epochs; keys of a recipe have no dashes: write epochs=2",
            )
            for verb, *words in (
                *(("launch", "mlp"), ("sweep", "mlp"), ("lr", "mlp"), ("folds", "mlp")),
                *(("profile", "mlp"), ("learn", "mlp", "mine")),
            )
        ),
        (
            ["ensemble", "--epochs"],
            "No such option: --epochs; epochs is a key of recipes, and mxdigits ensemble takes "
            "none",
        ),
        *(
            ([noun, "show", *shown], f"{what}; write mxdigits {noun} show {example}")
            for noun, shown, what, example in (
                ("datasets", ["idx"], "data set 'idx' needs path", "idx path=my-idx-folder"),
                ("datasets", ["npz"], "data set 'npz' needs path", "npz path=my-images.npz"),
                (
                    "datasets",
                    ["mix", "seed=3"],
                    "data set 'mix' needs parts",
                    "mix seed=3 'parts=[mnist, {name: folder, path: my-pictures}]'",
                ),
                ("datasets", ["fold"], "data set 'fold' needs of and fold", "fold of=mnist fold=0"),
            )
        ),
        (
            ["datasets", "show", "idx", "pth=mine"],
            "data set 'idx': option 'pth': unknown; did you mean 'path'?",
        ),
        (["check", "mlp", "lr=1"], "override lr=1: lr: unknown key; write optimizer.learning_rate"),
        (
            ["run", "mlp", "--set", "seed=x"],
            "override seed=x: seed: must be a whole number, got 'x'",
        ),
        (
            ["run", "mlp", "--format", "xml"],
            "override predictions=[\"xml\"]: predictions: unknown format 'xml'; "
            "known: csv, jsonl, npz",
        ),
    ],
)
def test_what_is_asked_wrongly_is_said_in_a_line(call, tmp_path, arguments, error):
    assert call(*arguments) == (2, "", f"error: {error}\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "begins"),
    [
        (["run", "lenet", "--min-accuracy", "2"], "error: Invalid value for '--min-accuracy': "),
        (["run", "lenet", "--min-accuracy", "x"], "error: Invalid value for '--min-accuracy': "),
        (["score", "x", "--split", "half"], "error: Invalid value for '--split': "),
        (["models", "show", "lenet", "--size", "0"], "error: Invalid value for '--size': "),
    ],
)
def test_what_typer_refuses_is_a_line_of_the_same_form(call, arguments, begins):
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(begins)
    assert err.count("\n") == 1
    assert "Value error" not in err
    assert "Input should" not in err


def test_version(call):
    assert call("--version") == (0, f"mxdigits {__version__}\n", "")


def test_without_arguments_and_with_help(call, monkeypatch):
    code, out, err = call("--help")
    assert (code, err) == (0, "")
    assert call() == (0, out, "")
    for verb in (
        *("run", "check", "recipes", "score", "predict", "report", "compare"),
        *("models", "datasets"),
    ):
        assert f"\n  {verb} " in out
    assert "Exit codes: 0 done; 1 the run failed; 2 usage or recipe;" in out
    monkeypatch.setattr(sys, "argv", ["mxdigits", "--version"])
    assert main() == 0


@pytest.mark.parametrize(
    "verb",
    [
        *verbs.VERBS,
        *("models show", "datasets show", "networks show", "plugins check", "plugins new"),
        *("runs list", "runs show", "runs rm"),
    ],
)
def test_every_verb_has_help_with_an_example(call, verb):
    code, out, err = call(*verb.split(), "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"Usage: mxdigits {verb} ")
    assert f"\n  Example: mxdigits {verb}" in out


# Plugins


def cells(out: str) -> list[list[str]]:
    return [line.split(maxsplit=3) for line in out.splitlines()]


def test_models_and_datasets_are_listed(call):
    code, out, err = call("models")
    assert (code, err) == (0, "")
    rows = cells(out)
    assert rows[0] == ["name", "distribution", "version", "state"]
    assert ["lenet", "mxdigits", __version__, "ok"] in rows
    assert ["mlp", "mxdigits", __version__, "ok"] in rows
    assert [row[0] for row in rows[1:]] == sorted(row[0] for row in rows[1:])
    rows = cells(call("datasets")[1])
    assert ["idx", "mxdigits", __version__, "ok"] in rows
    assert ["mnist", "mxdigits", __version__, "ok"] in rows


CONFLICT = "conflict: the model of this name is mxdigits' own"


def test_a_broken_plugin_and_a_conflict_are_marked_and_the_rest_is_listed(
    call, tmp_path, monkeypatch
):
    for registry in (MODELS, DATASETS):
        monkeypatch.setattr(registry, "_offered", None)
    monkeypatch.syspath_prepend(str(tmp_path))
    info = tmp_path / "light_plugin-0.7.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: light-plugin\nVersion: 0.7\n")
    (info / "entry_points.txt").write_text(
        "[mxdigits.models]\nlenet = light_plugin:lenet\nzz_gone = light_gone:build\n"
        "zz_typo = light_plugin:typo\nzz_raises = light_plugin:build\n"
    )
    (tmp_path / "light_plugin.py").write_text(
        "def lenet(*, classes): pass\ndef build(*, classes): pass\nraise SystemExit('imported')\n"
    )
    importlib.invalidate_caches()
    code, out, err = call("models")
    assert (code, err) == (0, "")
    rows = cells(out)
    assert ["lenet", "mxdigits", __version__, "ok"] in rows
    assert ["lenet", "light-plugin", "0.7", CONFLICT] in rows
    assert ["mlp", "mxdigits", __version__, "ok"] in rows
    assert rows[-3:] == [
        ["zz_gone", "light-plugin", "0.7", "broken: there is no module 'light_gone'"],
        ["zz_raises", "light-plugin", "0.7", "ok"],
        ["zz_typo", "light-plugin", "0.7", "broken: module 'light_plugin' has no 'typo'"],
    ]


# Whatever else may happen


def test_an_interrupted_command_exits_with_130(call, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(recipe.Recipe, "load", interrupted)
    assert call("check", "lenet") == (130, "", "error: interrupted\n")


def test_a_fault_of_mxdigits_keeps_its_traceback(call, monkeypatch):
    def fault(*_):
        raise RuntimeError("a fault")

    monkeypatch.setattr(recipe.Recipe, "load", fault)
    with pytest.raises(RuntimeError, match="a fault"):
        call("check", "lenet")


def test_an_error_is_one_line_whatever_it_holds(capsys):
    print_error(["one\n  two\tthree", "größe"])
    assert capsys.readouterr() == ("", "error: one two three\nerror: größe\n")


# Real processes


def test_a_process_exits_with_the_code(mxdigits, tmp_path):
    (tmp_path / "bad.yaml").write_text(BAD_RECIPE)
    done = mxdigits("run", "bad.yaml")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        "error: bad.yaml:1:1: model: is required\n"
        "error: bad.yaml:1:1: modle: unknown key; did you mean 'model'?\n"
        "error: bad.yaml:2:1: epochs: must be at least 1, got 0\n"
        "error: bad.yaml:3:1: lr: unknown key; write optimizer.learning_rate\n"
        "error: bad.yaml:4:24: optimizer.nesterov: unknown key; known: clip_gradient, "
        "lazy_update, learning_rate, momentum, wd\n"
    )
    assert not (tmp_path / "runs").exists()


def test_what_is_checked_can_be_checked_again(mxdigits_process, tmp_path):
    done = mxdigits_process("check", "lenet_gpu", PYTHONUTF8="1")
    assert (done.returncode, done.stderr) == (0, "")
    assert Recipe.parse(done.stdout) == Recipe.load("lenet_gpu")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("--output=~/runs", "--output=/home/ada/runs"),
        ("-o~/a.csv", "-o/home/ada/a.csv"),
        ("~/mine.yaml", "/home/ada/mine.yaml"),
        ("~", "/home/ada"),
        ("--output=~nobody-is-called-so/runs", "--output=~nobody-is-called-so/runs"),
        ("./~", "./~"),
        ("--name=a~b", "--name=a~b"),
        ("--output=", "--output="),
        ("-", "-"),
    ],
)
def test_a_tilde_is_the_home_where_no_shell_has_seen_to_it(monkeypatch, written, meant):
    monkeypatch.setenv("HOME", "/home/ada")
    assert app_module.with_home(written) == meant


def test_the_arguments_of_a_verb_may_begin_with_a_tilde(call, tmp_path, monkeypatch):
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "mine.yaml").write_text("model: mlp\n")
    monkeypatch.setenv("HOME", str(tmp_path / "ada"))
    assert call("init", "~/new.yaml")[0] == 0
    assert (tmp_path / "ada" / "new.yaml").is_file()
    assert call("check", "~/mine.yaml", "--diff=~/mine.yaml")[0] == 0
    assert not (tmp_path / "~").exists()


@pytest.mark.parametrize(("utf8", "code"), [("0", 2), ("1", 0)])
def test_where_names_of_files_are_not_utf8_it_is_said(mxdigits_process, tmp_path, utf8, code):
    (tmp_path / "größe.yaml").write_text("model: mlp\n")
    (tmp_path / "mine.yaml").write_text("extends: größe.yaml\n", encoding="utf-8")
    done = mxdigits_process(
        "check", "mine.yaml", LC_ALL="C", PYTHONUTF8=utf8, PYTHONIOENCODING="utf-8"
    )
    hint = "names of files are taken as ascii here; if they are UTF-8, set PYTHONUTF8=1"
    assert done.returncode == code
    assert (f"error: {hint}" in done.stderr.splitlines()) is bool(code)


def test_a_name_that_no_file_can_have_here(call, monkeypatch):
    """As that of a recipe, which names the folder of its run."""

    def load(*_):
        "runs/grün".encode("ascii")

    monkeypatch.setattr("mxdigits.recipe.schema.Recipe.load", load)
    with pytest.raises(UnicodeEncodeError):  # a fault, where any file can have it
        call("check", "mlp")
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: "ascii")
    code, _, said = call("check", "mlp")
    assert (code, said.splitlines()) == (
        3,
        [
            "error: runs/grün cannot be the name of a file",
            "error: names of files are taken as ascii here; if they are UTF-8, set PYTHONUTF8=1",
        ],
    )


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_who_has_seen_enough_is_no_error(tmp_path, unbuffered):
    """As in ``mxdigits check --schema | head -1``."""
    with subprocess.Popen(
        [sys.executable, "-m", "mxdigits", "check", "--schema"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_no_callback_has_what_typer_takes_for_a_class():
    """Python 3.10 takes Sequence[Path] for one, and Typer's answer to that was a traceback."""
    callbacks = {
        each.callback
        for value in vars(options).values()
        for each in getattr(value, "__metadata__", ())
        if each.callback
    }
    assert callbacks
    for callback in callbacks:
        hints = get_type_hints(callback).values()
        assert [hint for hint in hints if isinstance(hint, GenericAlias)] == []


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
def test_no_line_of_help_is_cut(call, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    for verb in ("", "runs", "models", "datasets", "plugins"):
        _, out, _ = call(*verb.split(), "--help")
        cut = [line for line in out.splitlines() if line.endswith("...")]
        assert all(line.endswith("]...") for line in cut)  # of arguments that repeat
        # What is narrower than 40 columns may not hold the name of an option.
        assert max(map(len, out.splitlines())) <= min(max(columns, 40), 80)


@pytest.mark.parametrize("arguments", [["predict", "--help"], ["models", "show", "--help"]])
def test_a_verb_is_made_alone_and_its_help_is_the_same(call, monkeypatch, arguments):
    alone = call(*arguments)
    monkeypatch.setattr(app_module, "command_line", lambda verb: command_line())
    assert call(*arguments) == alone
    assert alone[0] == 0


def test_help_has_a_short_name(call):
    assert call("runs", "-h") == call("runs", "--help")
    assert call("run", "-h") == call("run", "--help")


def test_what_a_plugin_says_of_itself_is_spelt_out(call, monkeypatch):
    entry = MODELS.entries("mlp")[0]
    monkeypatch.setattr(MODELS, "_offered", {"mlp": [replace(entry, version="1\x1b[2J\u202e")]})
    _, out, _ = call("models")
    assert "1\\x1b[2J\\u202e" in out
    assert "\x1b" not in out


def test_datasets_show_without_hashes_has_no_table_of_them(call, monkeypatch):
    monkeypatch.setattr("mxdigits.registry.DATASETS._registered", {})
    images, labels = np.full((4, 1, 8, 8), 255, np.uint8), np.array([0, 1, 0, 1])
    register_dataset("few")(lambda: {"train": (images, labels), "test": (images, labels)})
    code, out, err = call("datasets", "show", "few")
    assert (code, err) == (0, "")
    assert out == (
        "few: images of shape 1x8x8, uint8\n\n"
        "class  train  test\n0      2      2\n1      2      2\ntotal  4      4\n"
    )


@pytest.mark.parametrize(("name", "form"), [("sheet.png", "PNG"), ("sheet.jpg", "JPEG")])
def test_a_sheet_of_samples_has_the_format_of_its_name(call, monkeypatch, tmp_path, name, form):
    monkeypatch.setattr("mxdigits.registry.DATASETS._registered", {})
    images, labels = np.full((4, 1, 8, 8), 255, np.uint8), np.array([0, 1, 0, 1])
    register_dataset("few")(lambda: {"train": (images, labels), "test": (images, labels)})
    code, out, err = call("datasets", "show", "few", "-o", name)
    assert (code, err, out.splitlines()[-1]) == (0, "", f"samples: {name}")
    with Image.open(tmp_path / name) as sheet:
        assert sheet.format == form
    assert call("datasets", "show", "few", "-o", "sheet.html") == (
        2,
        "",
        "error: sheet.html is no name of a picture: write sheet.png\n",
    )


def test_a_file_whose_name_begins_with_a_dash(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("-seven.png").touch()
    assert main(["predict", "-seven.png"]) == 2
    assert capsys.readouterr().err == (
        "error: No such option: -seven.png; to name the file, write ./-seven.png\n"
    )
