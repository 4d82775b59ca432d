"""Explanations of a network's answers: of pictures and of images of data sets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mxdigits import load_dataset
from mxdigits.cli import main
from mxdigits.predict.explain import Explanation, ExplanationRequest, explain_run
from mxdigits.predict.integrated import Integrated
from mxdigits.predict.networks import network_path
from mxdigits.predict.occlusion import Occlusion, log_odds
from mxdigits.predict.opening import EvaluationRequest, open_evaluator

TAKEN = "no run was named, so the network 'digits' of mxdigits is used\n"
KNOWN = ", ".join("0123456789")


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """A folder with a picture of a 7, and one of nothing."""
    monkeypatch.chdir(tmp_path)
    image = load_dataset("mnist").test.images[0, 0]
    Image.fromarray(255 - image).resize((84, 84)).save("seven.png")
    Image.new("L", (84, 84), 255).save("blank.png")
    return tmp_path


def explanation(prob, label=None, box=(2, 3, 7, 8), then=(0.9, 0.1), **known) -> Explanation:
    prob = np.array(prob, np.float32)
    found = Occlusion(
        np.zeros((28, 28), np.float32), box, None if box is None else np.array(then, np.float32)
    )
    label = int(prob.argmax()) if label is None else label
    image = np.full((1, 28, 28), 255, np.uint8)
    return Explanation("a.png", image, ("no", "yes"), prob, label, found, **known)


@pytest.mark.parametrize(
    ("explained", "answer", "sentence"),
    [
        (
            explanation([0.0004, 0.9996]),
            "yes 100.0 %",
            "it rests most on rows 3 to 7, columns 2 to 6: with these covered yes falls from "
            "100.0 % to 10.0 %, and it says no 90.0 %",
        ),
        (
            explanation([0.25, 0.75], then=[0.4, 0.6]),
            "yes 75.0 %, no 25.0 %",
            "it rests most on rows 3 to 7, columns 2 to 6: with these covered yes falls from "
            "75.0 % to 60.0 %",
        ),
        (
            explanation([0.25, 0.75], then=[0.2503, 0.7497]),
            "yes 75.0 %, no 25.0 %",
            "no part of it speaks much for yes, which stays at 75.0 %",
        ),
        (
            explanation([0.75, 0.25], label=1, box=None),
            "no 75.0 %, yes 25.0 %",
            "no part of it speaks for yes",
        ),
    ],
)
def test_an_explanation_in_words(explained, answer, sentence):
    assert (explained.answer, explained.sentence) == (answer, sentence)


@pytest.mark.parametrize(
    ("gain", "evidence", "box", "sentence"),
    [
        (
            3.25,
            3.2,
            (2, 3, 7, 8),
            "its ink raises the log odds of yes by 3.25; it rests most on rows 3 to 7, "
            "columns 2 to 6, which add 1.50",
        ),
        (
            -2.0,
            -1.5,
            (2, 3, 7, 8),
            "its ink lowers the log odds of yes by 2.00; what the pixels add is 0.50 away from "
            "that; it rests most on rows 3 to 7, columns 2 to 6, which add 1.50",
        ),
        (0.0, 0.0, None, "no part of it speaks for yes"),
    ],
)
def test_integrated_gradients_in_words(gain, evidence, box, sentence):
    given = np.full((1, 1), evidence, np.float32)
    image, prob = np.full((1, 1, 1), 255, np.uint8), np.array([0.25, 0.75], np.float32)
    found = Integrated(given, gain, box, 1.5)
    assert Explanation("a.png", image, ("no", "yes"), prob, 1, found).sentence == sentence


def test_a_tile_names_what_it_shows():
    tile = explanation([0.75, 0.25], label=1, true=0).tile()
    assert tile.lines == ["a.png", "no 75.0 %, yes 25.0 %", "true no", "evidence for yes"]
    assert [each.shape for each in tile.pictures] == [(1, 28, 28), (3, 28, 28)]


@pytest.mark.mxnet
def test_a_picture_is_explained(here, capsys):
    assert main(["explain", "seven.png", "-o", "why.png"]) == 0
    shown = capsys.readouterr()
    assert shown.err == TAKEN
    line, file = shown.out.splitlines()
    assert line.startswith("seven.png: 7 ")
    assert "it rests most on rows " in line
    assert file == "1 image explained: why.png"
    with Image.open("why.png") as sheet:
        red, green, blue = np.moveaxis(np.asarray(sheet.convert("RGB")).astype(int), 2, 0)
    assert (red > blue + 100).any()  # orange
    paper = (red == 255) & (green == 255)
    assert paper[0].all()


@pytest.mark.mxnet
def test_images_of_a_data_set_and_another_class(here):
    wanted = ExplanationRequest(numbers=[8, 0], label="6")
    eight, zero = explain_run(network_path("digits"), wanted, pytest.fail, [])
    test = load_dataset("mnist").test
    np.testing.assert_array_equal(eight.image, test.images[8])
    assert (eight.name, eight.true, eight.label) == ("test image 8", 5, 6)
    assert zero.prob.argmax() == 7
    # What is drawn of a 7 speaks against a 6.
    assert zero.found.evidence.min() < -zero.found.evidence.max()


@pytest.mark.mxnet
@pytest.mark.parametrize(
    ("backend", "needs"), [("xla", "jax"), ("onnx", "onnxruntime"), ("torch", "torch")]
)
def test_every_backend_that_predicts_explains_as_mxnet_does(here, backend, needs):
    pytest.importorskip(needs)
    explained = [
        next(explain_run(network_path("digits"), wanted, pytest.fail, []))
        for request in (EvaluationRequest(backend="mxnet"), EvaluationRequest(backend=backend))
        for wanted in [ExplanationRequest(["seven.png"], request=request)]
    ]
    first, second = (each.found.evidence for each in explained)
    np.testing.assert_allclose(second, first, atol=1e-3)
    assert explained[0].sentence == explained[1].sentence


@pytest.mark.mxnet
@pytest.mark.parametrize(("backend", "needs"), [("xla", "jax"), ("torch", "torch")])
def test_every_backend_that_trains_has_the_same_gradients(here, backend, needs):
    pytest.importorskip(needs)
    first, second = (
        next(explain_run(network_path("digits"), wanted, pytest.fail, []))
        for request in (EvaluationRequest(backend="mxnet"), EvaluationRequest(backend=backend))
        for wanted in [ExplanationRequest(["seven.png"], method="gradients", request=request)]
    )
    np.testing.assert_allclose(second.found.evidence, first.found.evidence, atol=1e-3)
    assert first.sentence == second.sentence


@pytest.mark.mxnet
def test_gradients_add_up_to_what_the_network_says(here):
    wanted = ExplanationRequest(numbers=[8, 0], method="gradients")
    trainer = open_evaluator(network_path("digits"), EvaluationRequest(), pytest.fail)
    for explained in explain_run(network_path("digits"), wanted, pytest.fail, []):
        images = np.stack([explained.image, 0 * explained.image])
        odds = log_odds(trainer.logits(images), explained.label)
        assert explained.found.gain == pytest.approx(odds[0] - odds[1], abs=1e-3)
        assert explained.found.evidence.sum() == pytest.approx(odds[0] - odds[1], rel=0.02)
        assert not explained.found.evidence[explained.image[0] == 0].any()


def test_a_backend_without_gradients_says_so_and_covers(here):
    pytest.importorskip("onnxruntime")
    said: list[str] = []
    request = EvaluationRequest(backend="onnx")
    explained = [
        next(explain_run(network_path("digits"), wanted, said.append, []))
        for method in ("gradients", "occlusion")
        for wanted in [ExplanationRequest(["seven.png"], method=method, request=request)]
    ]
    assert said == ["the backend onnx has no gradients; the image is covered part by part"]
    assert explained[0].sentence == explained[1].sentence


@pytest.mark.mxnet
@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (
            [],
            2,
            "what to explain? name a picture, or an image of the data by --image 0",
        ),
        (["seven.png", "--label", "x"], 2, f"the network knows no class 'x'; known: {KNOWN}"),
        (
            ["seven.png", "--method", "gradients", "--tta", "8"],
            2,
            "gradients are of the image alone: leave out --tta, or ask by occlusion",
        ),
        (
            ["seven.png", "--image", "3"],
            2,
            "name the inputs, or images of a data set with --image, not both",
        ),
        (["--image", "10000"], 2, "there is no image 10000: test has images 0 to 9999"),
        (["seven.png", "-o", "why.html"], 2, "why.html is no name of a picture: write why.png"),
        (
            ["seven.png", "-o", "no/why.png"],
            3,
            "cannot write no/why.png: there is no folder no",
        ),
        (["blank.png"], 3, "blank.png: shows no digit"),
        (["nope.png"], 2, "there is no file nope.png, nor a run or a network of that name"),
    ],
)
def test_what_cannot_be_explained(here, capsys, arguments, code, error):
    assert main(["explain", *arguments]) == code
    assert capsys.readouterr().err.removeprefix(TAKEN) == f"error: {error}\n"
