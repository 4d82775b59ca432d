"""Predictions in three formats: a small case compared whole, and what any case promises."""

from __future__ import annotations

import csv
import io
import json
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mxdigits.errors import OutputError, PluginError, UsageError
from mxdigits.predict.predictions import (
    Layout,
    Piece,
    check_format,
    predictions_file,
    read_predictions,
    write_predictions,
)

FORMATS = ("csv", "jsonl", "npz")
PROB = np.array([[0.25, 0.5, 0.25], [1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3]], np.float32)
LABELS = np.array([1, 2, 0], np.uint8)
NAMES = ("0", "1", "2")


def test_csv(tmp_path):
    write_predictions(tmp_path / "p.csv", PROB, LABELS)
    assert (tmp_path / "p.csv").read_bytes() == (
        b"index,label,prediction,confidence,prob_0,prob_1,prob_2\n"
        b"0,1,1,0.5,0.25,0.5,0.25\n"
        b"1,2,0,1,1,0,0\n"
        b"2,0,0,0.333333,0.333333,0.333333,0.333333\n"
    )


def test_csv_without_labels(tmp_path):
    write_predictions(tmp_path / "p.csv", PROB[:2])
    assert (tmp_path / "p.csv").read_text() == (
        "index,label,prediction,confidence,prob_0,prob_1,prob_2\n"
        "0,,1,0.5,0.25,0.5,0.25\n"
        "1,,0,1,1,0,0\n"
    )


def test_jsonl(tmp_path):
    write_predictions(tmp_path / "p.jsonl", PROB, LABELS)
    assert (tmp_path / "p.jsonl").read_bytes() == (
        b'{"index": 0, "label": 1, "prediction": 1, "confidence": 0.5, '
        b'"prob": [0.25, 0.5, 0.25]}\n'
        b'{"index": 1, "label": 2, "prediction": 0, "confidence": 1.0, '
        b'"prob": [1.0, 0.0, 0.0]}\n'
        b'{"index": 2, "label": 0, "prediction": 0, "confidence": 0.333333, '
        b'"prob": [0.333333, 0.333333, 0.333333]}\n'
    )


def test_jsonl_without_labels(tmp_path):
    write_predictions(tmp_path / "p.jsonl", PROB[:1])
    assert (tmp_path / "p.jsonl").read_text() == (
        '{"index": 0, "label": null, "prediction": 1, "confidence": 0.5, '
        '"prob": [0.25, 0.5, 0.25]}\n'
    )


def test_npz_is_exact(tmp_path):
    write_predictions(tmp_path / "p.npz", PROB, LABELS)
    with np.load(tmp_path / "p.npz") as found:
        assert sorted(found.files) == ["classes", "label", "prediction", "prob"]
        assert found["classes"].tolist() == ["0", "1", "2"]
        assert found["prob"].dtype == np.float32
        assert found["prob"].tobytes() == PROB.tobytes()
        assert found["prediction"].dtype == found["label"].dtype == np.int64
        assert found["prediction"].tolist() == [1, 0, 0]
        assert found["label"].tolist() == [1, 2, 0]


def test_npz_without_labels(tmp_path):
    write_predictions(tmp_path / "p.npz", PROB)
    with np.load(tmp_path / "p.npz") as found:
        assert sorted(found.files) == ["classes", "prediction", "prob"]


@pytest.mark.parametrize("pieces", [(None, [1, -1], [0]), ([-1], None, [1, 0])])
def test_labels_that_are_known_of_some_stand_beside_their_images(tmp_path, pieces):
    expected = [each for labels in pieces for each in (labels or [-1] * 2)]
    prob = np.full((2, 2), 0.5, np.float32)
    for form in ("csv", "jsonl", "npz"):
        with predictions_file(tmp_path / f"p.{form}", Layout(classes=2)) as file:
            for labels in pieces:
                known = None if labels is None else np.array(labels)
                file.write(Piece(prob[: len(labels or prob)], known))
    with np.load(tmp_path / "p.npz") as found:
        assert found["label"].tolist() == expected
        assert found["prediction"].shape == (len(expected),)
    shown = [line.split(",")[1] for line in (tmp_path / "p.csv").read_text().splitlines()[1:]]
    assert shown == ["" if label < 0 else str(label) for label in expected]
    lines = (tmp_path / "p.jsonl").read_text().splitlines()
    assert [json.loads(line)["label"] for line in lines] == [
        None if label < 0 else label for label in expected
    ]


def test_no_images_at_all(tmp_path):
    for form in FORMATS:
        write_predictions(tmp_path / f"p.{form}", np.zeros((0, 2), np.float32))
    assert (tmp_path / "p.csv").read_text() == "index,label,prediction,confidence,prob_0,prob_1\n"
    assert (tmp_path / "p.jsonl").read_text() == ""
    with np.load(tmp_path / "p.npz") as found:
        assert found["prob"].shape == (0, 2)


def test_small_probabilities_keep_six_digits(tmp_path):
    prob = np.array([[1.2345678e-20, 0.98765432, 0.012345678]], np.float32)
    write_predictions(tmp_path / "p.csv", prob)
    row = (tmp_path / "p.csv").read_text().splitlines()[1]
    assert row == "0,,1,0.987654,1.23457e-20,0.987654,0.0123457"


@settings(deadline=None)
@given(
    st.tuples(st.integers(1, 5), st.integers(1, 12)).flatmap(
        lambda shape: st.tuples(
            arrays(np.float32, shape, elements=st.floats(0, 1, width=32)),
            st.none() | arrays(np.int32, shape[:1], elements=st.integers(0, shape[1] - 1)),
        )
    )
)
def test_all_formats_say_the_same(tmp_path_factory, drawn):
    prob, labels = drawn
    folder = tmp_path_factory.mktemp("formats")
    for form in FORMATS:
        write_predictions(folder / f"p.{form}", prob, labels)
    rows = list(csv.DictReader(io.StringIO((folder / "p.csv").read_text())))
    lines = [json.loads(line) for line in (folder / "p.jsonl").read_text().splitlines()]
    with np.load(folder / "p.npz") as found:
        assert found["prob"].tobytes() == prob.tobytes()
        predicted = found["prediction"].tolist()
    assert len(rows) == len(lines) == len(prob)
    for i, (row, line) in enumerate(zip(rows, lines)):
        known = None if labels is None else int(labels[i])
        assert (line["index"], line["label"], line["prediction"]) == (i, known, predicted[i])
        assert row["label"] == ("" if known is None else str(known))
        assert (int(row["index"]), int(row["prediction"])) == (i, predicted[i])
        columns = [float(row[f"prob_{k}"]) for k in range(prob.shape[1])]
        assert columns == line["prob"]
        assert columns == pytest.approx(prob[i].tolist(), rel=1e-5, abs=1e-40)
        assert float(row["confidence"]) == line["confidence"] == columns[predicted[i]]
        assert line["confidence"] == max(columns)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("p", "p: end the name in .csv, .jsonl or .npz"),
        (".csv", ".csv: end the name in .csv, .jsonl or .npz"),
        ("p.xml", "p.xml: unknown format 'xml'; known: csv, jsonl, npz"),
        ("p.json", "p.json: unknown format 'json'; did you mean 'jsonl'?"),
        ("p.CSV", "p.CSV: unknown format 'CSV'; did you mean 'csv'?"),
        ("p.csv.gz", "p.csv.gz: unknown format 'gz'; known: csv, jsonl, npz"),
    ],
)
def test_other_suffixes(tmp_path, monkeypatch, name, message):
    monkeypatch.chdir(tmp_path)
    path = type(tmp_path)(name)
    for call in (check_format, lambda path: write_predictions(path, PROB)):
        with pytest.raises(UsageError) as caught:
            call(path)
        assert str(caught.value) == message
        assert caught.value.exit_code == 2
    assert os.listdir(tmp_path) == []


def test_the_formats_are_those_of_recipes(tmp_path):
    assert [check_format(tmp_path / f"p.{form}") for form in FORMATS] == list(FORMATS)


@pytest.mark.parametrize("form", FORMATS)
def test_what_cannot_be_written_is_said(tmp_path, form):
    (tmp_path / "file").touch()
    missing, file = tmp_path / "missing", tmp_path / "file"
    whys = {missing: f"there is no folder {missing}", file: f"{file} is no folder"}
    for folder, why in whys.items():
        path = folder / f"p.{form}"
        with pytest.raises(OutputError) as caught:
            write_predictions(path, PROB)
        assert str(caught.value) == f"cannot write {path}: {why}"


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_is_left_beside_the_file_and_an_error_leaves_the_old_one(tmp_path, form):
    path = tmp_path / f"p.{form}"
    write_predictions(path, PROB, LABELS)
    old = path.read_bytes()
    with pytest.raises(PluginError):
        write_predictions(path, PROB, "labels")  # type: ignore[arg-type]
    assert path.read_bytes() == old
    assert os.listdir(tmp_path) == [path.name]


# Classes with names

SIGNS = ("minus", "=cmd()", "10")


def write_signs(folder, **layout):
    for form in FORMATS:
        file = folder / f"p.{form}"
        with predictions_file(file, Layout(classes=3, names=SIGNS, **layout)) as opened:
            opened.write(Piece(PROB, None if layout else LABELS))


def test_classes_are_called_by_their_names(tmp_path):
    write_signs(tmp_path)
    assert (tmp_path / "p.csv").read_text() == (
        "index,label,prediction,confidence,label_index,prediction_index,"
        "prob_minus,prob_'=cmd(),prob_10\n"
        "0,'=cmd(),'=cmd(),0.5,1,1,0.25,0.5,0.25\n"
        "1,10,minus,1,2,0,1,0,0\n"
        "2,minus,minus,0.333333,0,0,0.333333,0.333333,0.333333\n"
    )
    assert json.loads((tmp_path / "p.jsonl").read_text().splitlines()[0]) == {
        "index": 0,
        "label": "=cmd()",
        "prediction": "=cmd()",
        "confidence": 0.5,
        "label_index": 1,
        "prediction_index": 1,
        "prob": {"minus": 0.25, "=cmd()": 0.5, "10": 0.25},
    }
    with np.load(tmp_path / "p.npz") as found:
        assert found["classes"].tolist() == list(SIGNS)
        assert found["classes"][found["label"]].tolist() == ["=cmd()", "10", "minus"]
        assert found["prediction"].tolist() == [1, 0, 0]
    assert read_predictions(tmp_path / "p.npz", LABELS, SIGNS) is not None
    assert read_predictions(tmp_path / "p.npz", LABELS, SIGNS[::-1]) is None


def test_the_best_two_are_called_by_their_names(tmp_path):
    write_signs(tmp_path, top=2)
    assert (tmp_path / "p.csv").read_text().splitlines()[:2] == [
        "index,label,prediction,confidence,label_index,prediction_index,"
        "class_1,prob_1,class_2,prob_2",
        "0,,'=cmd(),0.5,,1,'=cmd(),0.5,minus,0.25",
    ]
    assert json.loads((tmp_path / "p.jsonl").read_text().splitlines()[0]) == {
        "index": 0,
        "label": None,
        "prediction": "=cmd()",
        "confidence": 0.5,
        "label_index": None,
        "prediction_index": 1,
        "top": [["=cmd()", 0.5], ["minus", 0.25]],
    }


def test_a_label_that_the_network_does_not_know_is_its_number(tmp_path):
    for form in FORMATS:
        write_predictions(tmp_path / f"p.{form}", PROB[:1], np.array([7]), SIGNS)
    assert (tmp_path / "p.csv").read_text().splitlines()[1].startswith("0,7,'=cmd(),0.5,7,1,")
    assert json.loads((tmp_path / "p.jsonl").read_text())["label"] == "7"


def test_as_many_names_as_classes():
    with pytest.raises(UsageError) as caught:
        Layout(classes=2, names=("a", "b", "c"))
    assert str(caught.value) == "2 classes have 3 names"
    assert Layout(classes=2).names == ("0", "1")
    assert Layout(classes=2).numbered
    assert not Layout(classes=2, names=("1", "0")).numbered


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("=cmd()", "'=cmd()"),
        ("+1+1", "'+1+1"),
        ("-a", "'-a"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\r=x", "'\r'=x"),
        ("a\n=x", "a\n'=x"),
        ("a;=x", "a;'=x"),
        ("\uff1dx", "'\uff1dx"),
        ("-inf", "'-inf"),
        *((same, same) for same in ("-1", "+2", "-1.5e-3", "-", "a-b", "3", "", "a=b", "'x")),
    ],
)
def test_no_name_is_a_formula(tmp_path, name, written):
    layout = Layout(classes=3, files=True, names=(name, "x", "y"))
    with predictions_file(tmp_path / "p.csv", layout) as file:
        file.write(Piece(PROB[1:2], None, [name]))
    with open(tmp_path / "p.csv", newline="", encoding="utf-8") as opened:
        (row,) = csv.DictReader(opened)
    assert (row["filename"], row["prediction"]) == (written, written)


# Read again


def test_an_npz_file_is_read_again_bit_by_bit(tmp_path):
    write_predictions(tmp_path / "p.npz", PROB, LABELS)
    found = read_predictions(tmp_path / "p.npz", LABELS, NAMES)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, PROB)


def test_a_file_that_does_not_name_the_classes_is_read_too(tmp_path):
    np.savez(tmp_path / "p.npz", prob=PROB, label=LABELS)
    np.testing.assert_array_equal(read_predictions(tmp_path / "p.npz", LABELS, NAMES), PROB)


@pytest.mark.parametrize(
    ("held", "labels"),
    [
        (None, LABELS),
        (b"", LABELS),
        (b"no zip", LABELS),
        (b"PK\x03\x04", LABELS),
        ({"prob": PROB}, LABELS),
        ({"prob": PROB, "label": LABELS}, LABELS[::-1]),
        ({"prob": PROB[:, :2], "label": LABELS}, LABELS),
        ({"prob": PROB[:2], "label": LABELS}, LABELS),
        ({"prob": PROB.astype(np.float64), "label": LABELS}, LABELS),
        ({"prob": np.full_like(PROB, np.nan), "label": LABELS}, LABELS),
        ({"prob": np.array([None]), "label": LABELS}, LABELS),
        ({"prob": PROB, "label": LABELS, "classes": np.array(["0", "2", "1"])}, LABELS),
        ({"prob": PROB, "label": LABELS, "classes": np.array([0, 1, 2])}, LABELS),
    ],
)
def test_what_is_not_the_wanted_predictions_is_none(tmp_path, held, labels):
    file = tmp_path / "p.npz"
    if isinstance(held, bytes):
        file.write_bytes(held)
    elif held is not None:
        np.savez(file, **held)
    assert read_predictions(file, labels, NAMES) is None


# Pieces

PLACED = Layout(classes=3, top=2, files=True, boxes=True)
MARKS = [(".", ""), ("", "-")]
PLACES = [
    Piece(
        *(PROB[:2], None, ["a.png", "ü.png"], [(1, 2, 3, 4), None]),
        *([2, None], [-1.5, None], MARKS),
    ),
    Piece(PROB[2:], None, ["longer.png"], [None]),
]


@pytest.mark.parametrize("form", FORMATS)
def test_pieces_make_the_same_file_as_the_whole(tmp_path, form):
    write_predictions(tmp_path / f"whole.{form}", PROB, LABELS)
    with predictions_file(tmp_path / f"pieces.{form}", Layout(classes=3)) as file:
        for i in range(3):
            file.write(Piece(PROB[i : i + 1], LABELS[i : i + 1]))
    assert (tmp_path / f"pieces.{form}").read_bytes() == (tmp_path / f"whole.{form}").read_bytes()


def test_places_and_the_best_two(tmp_path):
    for form in FORMATS:
        with predictions_file(tmp_path / f"p.{form}", PLACED) as file:
            for piece in PLACES:
                file.write(piece)
    assert (tmp_path / "p.csv").read_text(encoding="utf-8") == (
        "index,filename,left,top,right,bottom,line,angle,before,after,label,prediction,confidence,"
        "class_1,prob_1,class_2,prob_2\n"
        "0,a.png,1,2,3,4,3,-1.5,.,,,1,0.5,1,0.5,0,0.25\n"
        "1,ü.png,,,,,,,,-,,0,1,0,1,1,0\n"
        "2,longer.png,,,,,,,,,,0,0.333333,0,0.333333,1,0.333333\n"
    )
    assert json.loads((tmp_path / "p.jsonl").read_text().splitlines()[0]) == {
        "index": 0,
        "filename": "a.png",
        "box": [1, 2, 3, 4],
        "line": 3,  # the third; pieces count from 0
        "angle": -1.5,
        "before": ".",
        "after": "",
        "label": None,
        "prediction": 1,
        "confidence": 0.5,
        "top": [[1, 0.5], [0, 0.25]],
    }
    with np.load(tmp_path / "p.npz") as found:
        assert sorted(found.files) == [
            "after",
            "angle",
            "before",
            "box",
            "classes",
            "filename",
            "line",
            "prediction",
            "top",
            "top_prob",
        ]
        assert found["filename"].tolist() == ["a.png", "ü.png", "longer.png"]
        assert found["box"].tolist() == [[1, 2, 3, 4], [-1] * 4, [-1] * 4]
        assert found["line"].tolist() == [3, -1, -1]
        np.testing.assert_array_equal(found["angle"], [-1.5, np.nan, np.nan])
        assert list(zip(found["before"], found["after"])) == [*MARKS, ("", "")]
        assert found["top"].tolist() == [[1, 0], [0, 1], [0, 1]]
        np.testing.assert_array_equal(found["top_prob"][0], np.float32([0.5, 0.25]))


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_that_fails_half_way_is_not_there(tmp_path, form):
    def fail():
        with predictions_file(tmp_path / f"p.{form}", Layout(classes=3)) as file:
            file.write(Piece(PROB))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert os.listdir(tmp_path) == []
