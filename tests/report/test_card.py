"""The model card: its metadata, its figures, and what of a stranger's names it shows as text."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import yaml

from mxdigits.report.card import CardText, cell, model_card, shared_recipe, without_metadata

RECORD = {
    "recipe": "bars",
    "state": "finished",
    "started": "2026-01-02T03:04:05+00:00",
    "versions": {"mxdigits": "0.1.0", "mxnet": "1.9.1"},
    "device": {"context": "cpu(0)", "threads": 2, "processor": "A|B"},
    "data": {"name": "mnist", "options": {"path": "/home/ann/mine"}, "train": 6000, "test": 40},
    "network": {
        "image_shape": [1, 8, 8],
        "parameters": 1234,
        "input": {"preprocessing": "mnist"},
        "sha256": {"model-symbol.json": "0" * 64},
    },
}


def made(make_results, **more):
    labels = np.arange(40) % 2
    logits = np.zeros((40, 2), np.float32)
    logits[np.arange(40), labels] = 1.0
    logits[0] = [0.0, 4.0]  # one mistake, and a sure one
    return make_results(logits, labels, record=RECORD, **more)


def test_the_metadata_are_those_of_hubs(make_results):
    card = model_card(made(make_results), CardText("digits-bars", "CC-BY-4.0", ["onnx"]))
    _, block, _ = card.split("---\n", 2)
    assert yaml.safe_load(block) == {
        "license": "cc-by-4.0",
        "library_name": "mxdigits",
        "pipeline_tag": "image-classification",
        "tags": ["onnx", "mxdigits", "digits", "image-classification"],
        "datasets": ["mnist"],
        "metrics": ["accuracy"],
        "model-index": [
            {
                "name": "digits-bars",
                "results": [
                    {
                        "task": {"type": "image-classification"},
                        "dataset": {"name": "mnist", "type": "mnist", "split": "test"},
                        "metrics": [{"type": "accuracy", "name": "test accuracy", "value": 0.975}],
                    }
                ],
            }
        ],
    }


@pytest.mark.parametrize(
    ("license", "metadata"),
    [
        ("", {}),
        ("MIT", {"license": "mit"}),
        ("GPL-3.0-only", {"license": "gpl-3.0"}),
        ("ODbL-1.0", {"license": "odbl"}),
        ("MIT OR Apache-2.0", {"license": "other", "license_name": "mit-or-apache-2.0"}),
        ("(MIT AND ISC) OR 0BSD", {"license": "other", "license_name": "mit-and-isc-or-0bsd"}),
        ("Apache-2.0+", {"license": "other", "license_name": "apache-2.0+"}),
        ("LicenseRef-Mine", {"license": "other", "license_name": "licenseref-mine"}),
        (
            "GPL-3.0-or-later",
            {
                "license": "other",
                "license_name": "gpl-3.0-or-later",
                "license_link": "https://spdx.org/licenses/GPL-3.0-or-later.html",
            },
        ),
    ],
)
def test_hubs_read_one_licence_of_their_list(make_results, license, metadata):
    card = model_card(made(make_results), CardText("digits-bars", license))
    _, block, text = card.split("---\n", 2)
    found = {key: value for key, value in yaml.safe_load(block).items() if "license" in key}
    assert found == metadata
    assert ("Its licence is" in text, f"Its licence is `{license}`.\n" in text) == (
        bool(license),
    ) * 2


@pytest.mark.parametrize("state", ["finished", "interrupted", "failed", "running"])
def test_a_run_that_is_not_done_says_so(make_results, state):
    results = made(make_results)
    folder = results.folder
    folder.record_file.write_text(json.dumps({**RECORD, "state": state}))
    folder.recipe_file.write_text("epochs: 10\n")
    folder.history_file.write_text("epoch\n0\n1\n2\n")
    card = model_card(results, CardText("digits-bars"))
    how = "failed" if state == "failed" else "interrupted"
    first = (
        f"\n\n**Its training was not finished: {how}, 3 of 10 epochs done.** All figures are those "
        "of the network as it was then.\n\n## Figures\n"
    )
    again = "\nThat trains the network to the end, so it becomes another one than this. The same"
    assert (first in card, again in card) == ((state != "finished",) * 2)
    assert ("not finished" in card) == (state != "finished")


def test_a_mix_is_called_by_its_parts_and_its_figures_by_the_first(make_results):
    parts = ["mnist", {"name": "hands", "share": 0.3}]
    record = {**RECORD, "data": {"name": "mix", "options": {"parts": parts}, "test": 40}}
    results = made(make_results)
    card = model_card(dataclasses.replace(results, record=record), CardText("digits-bars"))
    _, block, text = card.split("---\n", 2)
    metadata = yaml.safe_load(block)
    assert metadata["datasets"] == ["mnist", "hands"]
    assert metadata["model-index"][0]["results"][0]["dataset"]["name"] == "mnist"
    assert "on the training\nimages of mnist and hands. It has 1,234 parameters." in text
    assert "Measured on 40 test images of mnist, which" in text
    assert "come from the same source as some of its training images." in text


@pytest.mark.parametrize("of", ["mnist", {"name": "mnist"}, {"name": "mix", "parts": ["mnist"]}])
def test_a_fold_is_called_by_what_was_divided(make_results, of):
    options = {"of": of, "fold": 2, "folds": 4}
    record = {**RECORD, "data": {"name": "fold", "options": options, "test": 40}}
    results = made(make_results)
    card = model_card(dataclasses.replace(results, record=record), CardText("digits-bars"))
    _, block, text = card.split("---\n", 2)
    metadata = yaml.safe_load(block)
    assert metadata["datasets"] == ["mnist"]
    tested = {"name": "mnist", "type": "mnist", "split": "train"}
    assert metadata["model-index"][0]["results"][0]["dataset"] == tested
    told = "Measured on 40 test images of mnist (fold 2 of 4 of the training images), which"
    assert told in text


@pytest.mark.parametrize(
    "line",
    [
        "# digits-bars",
        "A classifier of images, 8 x 8 pixels of one channel, into 2 classes: 0, 1.",
        "| accuracy | 0.9750 | 0.8712 to 0.9956 |",
        "| mistakes | 1 of 40 | |",
        "| 0 | 20 | 0.9500 | 0.7639 to 0.9911 | 1.0000 | 0.9744 | 1 (1) |",
        "- It is weakest at class 0: 19 of 20 right (0.7639 to 0.9911).",
        "- Of its 1 mistakes it was at least 90 % sure of 1.",
        "mnist (path mine): 6,000 train images, 40 test images. Images are prepared as `mnist`.",
        "| threads | 2 |",
        "| processor | A\\|B |",
        f"| model-symbol.json | `{'0' * 64}` |",
        "mxdigits run bars.yaml",
        "## Use",
    ],
)
def test_what_it_tells(line, make_results):
    text = CardText("digits-bars", more=[("Use", "as you like")])
    assert line in model_card(made(make_results), text).splitlines()


def test_names_from_elsewhere_are_text(make_results):
    odd = ("a|b\n# c", "<script>")
    card = model_card(made(make_results, classes=odd), CardText("x"))
    assert "<script>" not in card.replace("\\<script\\>", "")
    assert "| a\\|b \\# c | 20 |" in card


def test_a_record_that_says_little_is_enough(make_results):
    results = make_results(np.eye(3) * 9, np.arange(3), record={"recipe": "bars"})
    card = model_card(results, CardText("x"))
    assert "3 test images" in card
    assert "license" not in card


def test_the_recipe_goes_without_this_machines_folders():
    shown = shared_recipe("model: mlp\ndata: {name: idx, path: /home/ann/mine}\ninit: /a/b\n")
    assert yaml.safe_load(shown) == {
        "model": "mlp",
        "data": {"name": "idx", "path": "mine"},
        "init": "b",
    }


def test_the_text_alone():
    assert without_metadata("---\na: 1\n---\n\n# b\n") == "# b\n"
    assert without_metadata("# b\n---\n") == "# b\n---\n"
    assert cell("a *b*\n|") == "a \\*b\\* \\|"
