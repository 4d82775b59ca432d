"""``mxdigits lr``: what it prints and draws, and that it leaves nothing behind."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image

from mxdigits.cli.app import main
from mxdigits.experiment.previews.find_rate import find_rate, rate_in_words
from mxdigits.recipe.schema import Recipe
from mxdigits.train.range_test import RateCurve, RateRange

RECIPE = """\
model: {{name: mlp, hidden: [8]}}
data: {{name: idx, path: {path}, batch_size: 5}}
optimizer: {{name: sgd, learning_rate: 0.2}}
"""


@pytest.fixture
def recipe(idx_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "bars.yaml"
    file.write_text(RECIPE.format(path=idx_folder))
    return file


@pytest.mark.mxnet
def test_a_rate_is_proposed_and_nothing_is_left(recipe, tmp_path, capsys):
    before = recipe.read_bytes()
    assert main(["lr", "bars.yaml", "--from", "1e-4", "--to", "30", "--steps", "60"]) == 0
    out, err = capsys.readouterr()
    assert err.startswith("context: cpu(0); CPU threads: ")
    headers, first, *_, words, proposed = out.splitlines()
    assert headers.split() == ["learning", "rate", "loss", "smoothed"]
    assert first.split()[0] == "0.0001"
    rate = float(proposed.removeprefix("proposed: optimizer.learning_rate="))
    assert 0.02 < rate < 5
    assert re.match(r"The loss falls the fastest at \S+( and is lowest at |; up to 30 )", words)
    assert (recipe.read_bytes(), [each.name for each in tmp_path.iterdir()]) == (
        before,
        ["bars.yaml"],
    )


@pytest.mark.mxnet
def test_the_same_recipe_gives_the_same_curve_whatever_its_own_rate_and_schedule(recipe):
    over = RateRange(1e-4, 1, steps=30)
    curves = [
        find_rate(Recipe.load("bars.yaml", overrides), over).losses.tolist()
        for overrides in ((), ("optimizer.learning_rate=9", "schedule=cosine", "epochs=1"))
    ]
    assert curves[0] == curves[1]
    cycle = find_rate(Recipe.load("bars.yaml", ["schedule=one_cycle"]), over)
    assert (cycle.losses.tolist(), cycle.scale) == (curves[0], 3)
    other = find_rate(Recipe.load("bars.yaml", ["seed=3"]), over).losses.tolist()
    assert other != curves[0]


@pytest.mark.mxnet
def test_the_curve_as_a_picture(recipe, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    assert main(["lr", "bars.yaml", "--steps", "30", "-o", "rates.png"]) == 0
    assert "curve: rates.png" in capsys.readouterr().out.splitlines()
    with Image.open(tmp_path / "rates.png") as picture:
        assert picture.format == "PNG"
        assert picture.width > 1000
        assert len(picture.convert("RGB").getcolors(1 << 20)) > 10


@pytest.mark.mxnet
def test_the_curve_on_a_terminal(recipe, capsys, monkeypatch):
    monkeypatch.setattr("mxdigits.cli.terminal.drawn_width", lambda: (60, False))
    assert main(["lr", "bars.yaml", "--from", "1e-4", "--to", "30", "--steps", "60"]) == 0
    title, *lines = capsys.readouterr().out.splitlines()
    assert title == "train loss by learning rate"
    assert len(lines) == 14 + 2  # what is said of it stands below
    assert all("│" in line for line in lines[:12])
    assert sum("●" in line for line in lines[:12]) > 3
    assert sum("┊" in line for line in lines[:12]) > 6  # the rate that is proposed
    assert lines[13].split()[0] == "0.0001"


@pytest.mark.mxnet
def test_no_rate_is_proposed_where_the_loss_does_not_fall(recipe, capsys):
    assert main(["lr", "bars.yaml", "--from", "1e-9", "--to", "1e-8", "--steps", "40"]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        "error: From 1e-09 to 1e-08 the loss does not fall, so no rate is proposed. "
        "Try a wider range, or more steps."
    )


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["bars.yaml", "-o", "rates.jpg"],
            2,
            "--output rates.jpg: the curve is drawn as PNG; end the name in .png",
        ),
        (["bars.yaml", "--from", "2", "--to", "1"], 2, "the rates must rise from a number above "
         "0, got 2 to 1"),
        (["bars.yaml", "epoch=3"], 2, "override epoch=3: epoch: unknown key; did you mean "
         "'epochs'?"),
        (
            ["bars.yaml", "-o", "no/such/rates.png"],
            3,
            "cannot write no/such/rates.png: there is no folder no/such",
        ),
    ],
)  # fmt: skip
def test_what_is_refused_before_anything_is_trained(recipe, capsys, arguments, code, message):
    assert main(["lr", *arguments]) == code
    assert capsys.readouterr() == ("", f"error: {message}\n")


def test_a_missing_matplotlib_is_told_before_the_training(mxdigits_process, recipe, no_matplotlib):
    done = mxdigits_process("lr", "bars.yaml", "-o", "rates.png", **no_matplotlib)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("error: matplotlib is not installed: ")


@pytest.mark.parametrize(
    ("losses", "words"),
    [
        (
            [2.3] * 40 + [0.5] * 20,
            "The loss falls the fastest at 0.052; up to 1 it does not grow, so a wider range may "
            "say more.",
        ),
        (
            [2.3] * 60,
            "From 0.0001 to 1 the loss does not fall, so no rate is proposed. Try a wider range, "
            "or more steps.",
        ),
    ],
)
def test_a_curve_in_words(losses, words):
    curve = RateCurve(np.geomspace(1e-4, 1, 60), np.array(losses))
    assert rate_in_words(curve) == words


def test_a_rate_that_is_a_peak_may_be_three_times_as_high():
    losses = np.repeat([2.3, 1.5, 0.5, 9.0], 20)
    curve = RateCurve(np.geomspace(1e-4, 1, 80), losses)
    peak = RateCurve(curve.rates, curve.losses, scale=3.0)
    assert (curve.proposed, peak.proposed) == (0.013, 0.04)
    assert rate_in_words(peak) == (
        f"{rate_in_words(curve)} The rate of a cycle is its peak: 3 times the rate midway is "
        "proposed."
    )
