"""The digits that the server keeps, under their labels."""

from __future__ import annotations

import io
import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from requests_sent import JSON, picture
from serving import answering, ask, pixels

from mxdigits import load_dataset


def test_a_digit_is_kept_under_its_label(tmp_path):
    with answering(store=tmp_path / "mine") as port:
        reply = ask(port, "/digits?label=4", picture())
        assert reply.status == 201
        kept = Path(reply.json["path"])
        assert reply.json == {
            "label": "4",
            "path": f"train/4/{kept.name}",
            "count": 1,
            "more_pages": False,
        }
        given = Image.open(io.BytesIO(picture()))
        assert (
            np.asarray(Image.open(tmp_path / "mine" / kept)).tolist() == np.asarray(given).tolist()
        )
        assert re.fullmatch(r"[0-9a-f]{20}\.png", kept.name)
        assert ask(port, "/digits?label=4", picture()).json["count"] == 1
        assert ask(port, "/digits?label=7", picture()).json == {
            "label": "7",
            "path": f"train/7/{kept.name}",
            "count": 1,
            "more_pages": False,
        }
    files = [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")]
    assert files == [f"mine/train/7/{kept.name}"]


def test_training_makes_of_a_kept_digit_what_the_network_received(tmp_path):
    received = []
    with answering(store=tmp_path) as port:
        for size in ((60, 80), (280, 280), (1500, 2000)):
            drawn = Image.open(io.BytesIO(picture())).resize(size).convert("RGB")
            file = io.BytesIO()
            drawn.save(file, "PNG")
            assert ask(port, "/digits?label=4", file.getvalue()).status == 201
            received.append(ask(port, "/predict", file.getvalue()).json["pixels"])
        bar = [[255 * (12 <= x < 15 and 4 <= y < 24) for x in range(28)] for y in range(28)]
        body = json.dumps({"pixels": bar}).encode()
        assert ask(port, "/digits?label=7", body, content_type=JSON).status == 201
    trained = load_dataset("folder", {"path": str(tmp_path)})
    assert trained.classes == tuple("0123456789")
    images = np.concatenate([trained.train.images, trained.test.images])[:, 0]
    labels = np.concatenate([trained.train.labels, trained.test.labels])
    assert sorted(labels) == [4, 4, 4, 7]
    for image in received:
        nearest = np.abs(images.astype(int) - image).max(axis=(1, 2)).min()
        assert nearest <= 4


def test_of_several_pages_the_first_is_read(tmp_path):
    first = Image.open(io.BytesIO(picture()))
    file = io.BytesIO()
    first.save(file, "TIFF", save_all=True, append_images=[Image.new("L", (5, 5))])
    with answering(store=tmp_path) as port:
        several, one = (ask(port, "/predict", body).json for body in (file.getvalue(), picture()))
        assert several == {**one, "more_pages": True}
        kept = [
            ask(port, "/digits?label=4", body).json["more_pages"]
            for body in (file.getvalue(), picture())
        ]
        assert kept == [True, False]


def test_a_digit_that_cannot_be_moved_keeps_its_label(tmp_path, capfd, monkeypatch):
    with answering(store=tmp_path) as port:
        old = ask(port, "/digits?label=4", picture()).json
        with monkeypatch.context() as patched:
            patched.setattr(os, "replace", _refuse)
            reply = ask(port, "/digits?label=7", picture())
        assert reply.status == 507
        assert reply.json == {"error": "the digit keeps its old label; the server's log says why"}
        assert ask(port, "/digits?label=4", picture()).json == old
        assert ask(port, "/digits?label=7", picture()).json["count"] == 1
    assert ": Permission denied\n" in capfd.readouterr().err


def _refuse(*_):
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize("label", ["", "10", "..", "../../7", "%2e%2e", "7/..", "7%00"])
def test_a_label_that_is_no_class_is_refused(tmp_path, label):
    with answering(store=tmp_path / "mine") as port:
        reply = ask(port, f"/digits?label={label}", picture())
    assert reply.status == 422
    assert reply.json == {"error": "label: write one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9"}
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_without_a_store_nothing_is_kept():
    with answering() as port:
        reply = ask(port, "/digits?label=4", picture())
    assert reply.status == 404
    assert reply.json == {"error": "no digits are kept here: start the server with --store DIR"}


def test_a_full_store_takes_no_more(tmp_path):
    with answering(store=tmp_path, stored=1) as port:
        assert ask(port, "/digits?label=4", pixels(4), content_type=JSON).status == 201
        reply = ask(port, "/digits?label=5", pixels(5), content_type=JSON)
    assert reply.status == 507
    assert reply.json == {"error": "the store is full: it holds 1 digits"}


def test_a_store_that_cannot_be_written_is_an_error_of_the_server(tmp_path, capfd):
    with answering(store=tmp_path / "mine") as port:
        os.rename(tmp_path / "mine", tmp_path / "moved")
        reply = ask(port, "/digits?label=4", picture())
    assert reply.status == 507
    assert reply.json == {"error": "the digit could not be written; the server's log says why"}
    assert f"cannot write {tmp_path / 'mine' / 'train' / '4'}" in capfd.readouterr().err
