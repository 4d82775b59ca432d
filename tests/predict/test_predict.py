"""Predicting people's pictures with a small network, from whatever they name."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from predicted import TEST

from mxdigits.data.idx import write_idx
from mxdigits.plugins.registry import DATASETS

pytestmark = pytest.mark.mxnet


IMAGES_OR_FOLDER = "give the file of the images, or the folder that holds both, ."
RESIZED = (
    "pictures are only resized, because the network learnt from images as they were; if those had "
    "MNIST's form, write --preprocessing mnist\n"
)
NOT_A_PICTURE = "not a picture (PNG, JPEG, TIFF, WebP, BMP, GIF, PNM)"


def rows(path):
    return list(csv.DictReader(io.StringIO(path.read_text())))


def test_the_run_folder_says_how_pictures_are_prepared(home):
    record = json.loads((home / "run" / "run.json").read_text())
    assert record["network"]["input"] == {
        "name": "data",
        "dtype": "float32",
        "range": [0, 1],
        "preprocessing": "mnist",
        "dark_on_light": False,
    }


def test_a_folder_of_pictures(call, tmp_path):
    assert call("own/test", "-o", "p.csv") == (0, "60 predictions: p.csv\n", "")
    found = rows(tmp_path / "p.csv")
    assert [row["filename"] for row in found] == sorted(row["filename"] for row in found)
    assert all(row["filename"].split("/")[2] == row["prediction"] for row in found)
    assert list(found[0])[:5] == ["index", "filename", "label", "prediction", "confidence"]


def test_a_glob_a_file_and_an_order(call, tmp_path):
    label = TEST.labels[0]
    assert call(f"own/test/{label}/00.png", "own/test/[12]/*.png", "-o", "p.jsonl")[0] == 0
    found = [json.loads(line) for line in (tmp_path / "p.jsonl").read_text().splitlines()]
    assert found[0]["filename"] == f"own/test/{label}/00.png"
    assert len(found) == 1 + int(np.isin(TEST.labels, (1, 2)).sum())
    assert [row["index"] for row in found] == list(range(len(found)))


def test_idx_and_npz_come_as_they_are(call, tmp_path):
    write_idx(tmp_path / "a.idx.gz", TEST.images[:, 0])
    np.savez(tmp_path / "b.npz", images=TEST.images)
    assert call("a.idx.gz", "b.npz", "-o", "p.npz")[0] == 0
    with np.load(tmp_path / "p.npz") as found:
        assert found["filename"].tolist() == ["a.idx.gz"] * 60 + ["b.npz"] * 60
        np.testing.assert_allclose(found["prob"][:60], found["prob"][60:], rtol=1e-5)
        assert (found["prediction"][:60] == TEST.labels).mean() > 0.9


def test_a_data_set_by_name_has_labels(call, tmp_path):
    assert call("mnist", "-o", "p.npz", "--top", 2) == (0, "10000 predictions: p.npz\n", "")
    with np.load(tmp_path / "p.npz") as found:
        arrays = ["classes", "filename", "label", "prediction", "top", "top_prob"]
        assert sorted(found.files) == arrays
        np.testing.assert_array_equal(found["label"][:60], TEST.labels)
        assert found["top"].shape == found["top_prob"].shape == (10000, 2)
        np.testing.assert_array_equal(found["top"][:, 0], found["prediction"])
        assert (found["top_prob"][:, 0] >= found["top_prob"][:, 1]).all()


def test_labels_of_a_data_set_are_counted_as_the_network_counts_its_classes(
    call, tmp_path, monkeypatch
):
    names = list("1234567890")
    labels = np.array([names.index(str(label)) for label in TEST.labels])
    part = (TEST.images, labels)
    monkeypatch.setattr(DATASETS, "_registered", {})
    made = {"train": part, "test": part, "classes": names}
    DATASETS.register("shifted")(lambda: made)
    assert call("shifted", "-o", "p.csv")[0] == 0
    assert [int(row["label"]) for row in rows(tmp_path / "p.csv")] == TEST.labels.tolist()


def test_labels_are_kept_beside_pictures_that_have_none(call, tmp_path):
    write_idx("images", TEST.images[:3, 0])
    for inputs in (["images", "mnist"], ["mnist", "images"]):
        assert call(*inputs, "-o", "p.npz")[0] == 0
        with np.load(tmp_path / "p.npz") as found:
            assert found["label"].shape == found["prediction"].shape == (10003,)
            first = inputs.index("mnist") * 3
            assert found["label"][first : first + 60].tolist() == TEST.labels.tolist()


def test_the_best_three(call, tmp_path):
    assert call("own/test", "-o", "p.csv", "--top", 3)[0] == 0
    found = rows(tmp_path / "p.csv")
    assert list(found[0])[5:] == ["class_1", "prob_1", "class_2", "prob_2", "class_3", "prob_3"]
    for row in found:
        assert (row["class_1"], row["prob_1"]) == (row["prediction"], row["confidence"])
        assert float(row["prob_1"]) >= float(row["prob_2"]) >= float(row["prob_3"])


def test_several_digits_of_a_picture_with_their_boxes(call, tmp_path):
    page = np.full((60, 150), 255, np.uint8)
    for k in range(3):
        page[16:44, 10 + 45 * k : 38 + 45 * k] -= TEST.images[k, 0]
    Image.fromarray(page).save("page.png")
    assert call("page.png", "--many", "-o", "p.csv") == (0, "3 predictions: p.csv\n", "")
    found = rows(tmp_path / "p.csv")
    assert [int(row["prediction"]) for row in found] == TEST.labels[:3].tolist()
    places = ["left", "top", "right", "bottom", "line", "angle", "before", "after"]
    assert list(found[0])[:11] == ["index", "filename", *places, "label"]
    for k, row in enumerate(found):
        assert 10 + 45 * k <= int(row["left"]) < int(row["right"]) <= 38 + 45 * k


def test_one_picture_is_answered_in_a_line_where_there_is_no_terminal(call):
    label = TEST.labels[0]
    code, out, err = call(f"own/test/{label}/00.png")
    assert (code, err) == (0, "")
    assert out.startswith(f"own/test/{label}/00.png: {label} ")
    assert out.count("%") == 3


def test_a_picture_from_standard_input(call, home, monkeypatch):
    label = TEST.labels[0]
    content = (home / f"own/test/{label}/00.png").read_bytes()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert call("-")[1].startswith(f"-: {label} ")


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF"])
def test_more_than_one_picture_from_standard_input(call, monkeypatch, form):
    """As of ``cat *.png``."""
    content = b""
    for image in TEST.images[:3, 0]:
        file = io.BytesIO()
        Image.fromarray(image).resize((56, 56)).save(file, form)
        content += file.getvalue()
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        code, out, err = call("-")
        assert (code, out[:5]) == (0, f"-: {TEST.labels[0]} ")
        more = "standard input: only the first picture is read, and more follow; name the files"
        assert err == f"{more}\n" * (len(content) > len(file.getvalue()))


def test_pictures_that_cannot_be_read_are_listed_and_the_others_done(call, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(b"no")
    Image.new("L", (30, 30), 200).save("in/b.png")
    Image.fromarray(255 - TEST.images[0, 0]).save("in/c.png")
    assert call("in", "none.png", "-o", "p.csv")[0] == 2
    assert not (tmp_path / "p.csv").exists()
    assert call("in", "-o", "p.csv") == (
        3,
        "1 prediction: p.csv\n",
        f"error: in/a.png: {NOT_A_PICTURE}\n"
        "error: in/b.png: shows no digit\n"
        "error: 2 pictures could not be read; the rest is done\n",
    )
    assert [row["filename"] for row in rows(tmp_path / "p.csv")] == ["in/c.png"]


def test_files_that_are_no_images_are_called_what_they_are(call, tmp_path, monkeypatch):
    write_idx(tmp_path / "labels", TEST.labels.astype(np.uint8))
    np.save("array.npy", TEST.images)
    labels = f"labels: no picture, but an IDX file of labels; {IMAGES_OR_FOLDER}"
    assert call("labels", "array.npy") == (
        3,
        "",
        f"error: {labels}\n"
        "error: array.npy: no picture, but an array of NumPy alone; save it in an archive, "
        "numpy.savez('images.npz', images=array), and give that\n"
        "error: none of the 2 pictures could be read\n",
    )
    stdin = io.TextIOWrapper(io.BytesIO((tmp_path / "labels").read_bytes()))
    monkeypatch.setattr("sys.stdin", stdin)
    assert call("-")[2].startswith(
        "error: standard input: no picture, but an IDX file; give its name, "
    )


def test_standard_input_without_anything(call, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
    assert call("-")[::2] == (3, "error: standard input is empty, or closed\n")


def test_what_a_folder_holds_besides_is_said(call, tmp_path, monkeypatch):
    monkeypatch.setattr("mxdigits.data.walk.heif_installed", lambda: False)
    (tmp_path / "in/.ipynb_checkpoints").mkdir(parents=True)
    for name in ("a.png", ".ipynb_checkpoints/b.png"):
        Image.fromarray(255 - TEST.images[0, 0]).save(f"in/{name}")
    (tmp_path / "in/c.HEIC").touch()
    os.mkfifo("in/d.png")
    (tmp_path / "in/more").symlink_to(tmp_path / "own/test/1")
    count = 1 + int((TEST.labels == 1).sum())
    assert call("in", "-o", "p.csv") == (
        0,
        f"{count} predictions: p.csv\n",
        "in: passed over 1 HEIC picture (c.HEIC): pip install pillow-heif, or convert to JPEG; "
        "1 hidden (.ipynb_checkpoints); 1 pipe or device (d.png)\n",
    )


@pytest.mark.parametrize("name", ["pipe", "pipe.png", "pipe.npz", "pipe.idx"])
def test_pipes_and_devices_are_never_opened(call, name):
    os.mkfifo(name)
    assert call(name) == (
        2,
        "",
        f"error: {name} is a pipe or a device, which is not opened; to read one, "
        "write - and redirect standard input\n",
    )
    assert call("pi*") == (
        2,
        "",
        f"error: no file matches pi*; passed over 1 pipe or device ({name})\n",
    )


def test_a_glob_says_which_folders_it_does_not_read(call, tmp_path):
    (tmp_path / "in/folder").mkdir(parents=True)
    Image.fromarray(255 - TEST.images[0, 0]).save("in/a.png")
    code, _, err = call("in/*")
    assert (code, err) == (0, "in/*: passed over 1 folder (in/folder)\n")
    assert call("in/**")[::2] == (0, "")


def test_what_the_network_saw_is_drawn_beside_what_it_was_given(call, tmp_path):
    Image.fromarray(255 - TEST.images[0, 0]).resize((56, 112)).save("tall.png")
    assert call("tall.png", "--save-digits", "seen")[0] == 0
    with Image.open(tmp_path / "seen" / "000000-tall.png") as drawn:
        assert drawn.size == (56 + 8 + 112, 112)
        assert drawn.getpixel((2, 2)) == 255
        assert drawn.getpixel((60, 2)) == 128
        assert drawn.getpixel((70, 2)) == 0


def save_pages(path, images):
    first, *others = (Image.fromarray(255 - image) for image in images)
    first.save(path, save_all=True, append_images=others)


def test_every_page_of_a_picture_is_predicted(call, tmp_path):
    save_pages("pages.tif", TEST.images[:3, 0])
    assert call("pages.tif", "-o", "p.csv") == (0, "3 predictions: p.csv\n", "")
    found = [(row["filename"], int(row["prediction"])) for row in rows(tmp_path / "p.csv")]
    assert found == [(f"pages.tif#{i + 1}", TEST.labels[i]) for i in range(3)]
    assert call("pages.tif", "--many", "-o", "p.csv")[0] == 0
    assert [row["filename"] for row in rows(tmp_path / "p.csv")] == [name for name, _ in found]


def test_pages_that_cannot_be_read_are_told(call, tmp_path):
    save_pages("pages.tif", [TEST.images[0, 0], np.zeros((28, 28), np.uint8), TEST.images[1, 0]])
    content = (tmp_path / "pages.tif").read_bytes()
    (tmp_path / "pages.tif").write_bytes(content[:-400])
    code, out, err = call("pages.tif", "-o", "p.csv")
    assert (code, out) == (3, "1 prediction: p.csv\n")
    blank, damaged, summary = err.splitlines()
    assert blank == "error: pages.tif#2: shows no digit"
    assert damaged.startswith("error: pages.tif#3: cannot be read: ")
    assert summary == "error: 2 pictures could not be read; the rest is done"


@pytest.mark.parametrize(
    ("arrays", "error"),
    [
        (
            {"images": TEST.images // 200},
            "the largest pixel is 1, and white is 255; multiply images of 0 and 1 by 255",
        ),
        (
            {"images": TEST.images // 16 + (TEST.images > 250)},
            "the largest pixel is 16, and white is 255; multiply images of 0 to 16 by 15",
        ),
        ({"images": TEST.images[:0]}, "holds no images"),
        (
            {"images": TEST.images[:, 0] / np.float32(255)},
            "images must be uint8 of shape (N, H, W) or (N, C, H, W), row by row; "
            "it is float32 of shape (60, 28, 28); "
            "save (images * 255).round().astype('uint8') of numbers from 0 to 1, "
            "images.astype('uint8') of numbers from 0 to 255",
        ),
        (
            {"images": TEST.images.reshape(60, 784)},
            "images must be uint8 of shape (N, H, W) or (N, C, H, W), row by row; "
            "it is uint8 of shape (60, 784); write images.reshape(-1, 28, 28)",
        ),
        (
            {"images": TEST.images[0, 0]},
            "images must be uint8 of shape (N, H, W) or (N, C, H, W), row by row; "
            "it is uint8 of shape (28, 28); of one image write images[None]",
        ),
        (
            {"images": np.asfortranarray(TEST.images[:, 0])},
            "images must be uint8 of shape (N, H, W) or (N, C, H, W), row by row; "
            "it is uint8 of shape (60, 28, 28), column by column; save "
            "numpy.ascontiguousarray(images)",
        ),
        (
            {"images": np.zeros((1, 9000, 9000), np.uint8)},
            "the images are of shape (1, 9000, 9000); the network takes (1, 28, 28)",
        ),
        (
            {"a": TEST.images, "b": TEST.labels},
            "which array holds the images? it has a, b; name one of them images",
        ),
        ({}, "which array holds the images? it has none; name one of them images"),
    ],
)
def test_arrays_that_are_no_images(call, arrays, error):
    np.savez_compressed("a.npz", **arrays)
    assert call("a.npz", "-o", "p.csv") == (3, "", f"error: a.npz: {error}\n")


def test_arrays_whose_channels_come_last(call, tmp_path):
    np.savez("first.npz", images=TEST.images)
    np.savez("last.npz", images=np.moveaxis(TEST.images, 1, 3))
    for name in ("first", "last"):
        assert call(f"{name}.npz", "-o", f"{name}.csv") == (0, f"60 predictions: {name}.csv\n", "")
    assert [row["prediction"] for row in rows(tmp_path / "last.csv")] == [
        row["prediction"] for row in rows(tmp_path / "first.csv")
    ]


def test_other_arrays_beside_the_images_are_told(call):
    np.savez("a.npz", images=TEST.images, names=np.array(["a", None]), more=np.float64(1))
    told = "a.npz: the images are its array images; passed over names, more\n"
    assert call("a.npz", "-o", "p.csv") == (0, "60 predictions: p.csv\n", told)


def test_zeros_and_ones_as_pictures_are_told(call, tmp_path):
    Image.fromarray(TEST.images[0, 0] // 200).save("a.png")
    code, out, err = call("a.png", "--preprocessing", "none")
    assert (code, out) == (3, "")
    assert err.splitlines()[0] == (
        "error: a.png: the largest pixel is 1, and white is 255; multiply images of 0 and 1 by 255"
    )


@pytest.mark.parametrize(
    ("data", "options", "arguments", "told"),
    [
        ("idx", {}, [], RESIZED),
        ("idx", {}, ["--preprocessing", "none"], ""),
        ("idx", {"preprocessing": "none"}, [], ""),
        ("npz", {}, [], RESIZED),
        ("folder", {}, [], ""),
    ],
)
def test_where_pictures_are_resized_alone_that_is_said_once(
    call, home, data, options, arguments, told
):
    Path("run").unlink()
    shutil.copytree(home / "run", "run")
    record = json.loads(Path("run/run.json").read_text())
    record["network"]["input"]["preprocessing"] = "none"
    record["data"].update(name=data, options=options)
    Path("run/run.json").write_text(json.dumps(record))
    for name, size in (("a", 28), ("b", 60), ("c", 90)):
        Image.fromarray(TEST.images[0, 0]).resize((size, size)).save(f"{name}.png")
    assert call("a.png", "b.png", "c.png", *arguments)[::2] == (0, told)
    assert call("a.png", *arguments)[::2] == (0, "")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ([], "what to predict, and where to? name pictures, or a file with --output"),
        (["x"], "there is no file x, nor a data set of that name"),
        (["*.gif"], "no file matches *.gif"),
        (["-", "own", "-"], "standard input can be read only once; write - only once"),
        (
            ["ftp://example.org/a.png"],
            "ftp://example.org/a.png is an address, and only files are read; download it and "
            "name the file",
        ),
        (["own", "--data", "mnist"], "name the inputs, or a data set with --data, not both"),
        (["own", "-o", "p.xml"], "p.xml: unknown format 'xml'; known: csv, jsonl, npz"),
    ],
)
def test_what_is_asked_wrongly(call, arguments, error):
    assert call(*arguments) == (2, "", f"error: {error}\n")


def test_what_is_missing_is_told_before_anything_is_predicted(call, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty/notes.txt").touch()
    (tmp_path / "gone").symlink_to("nowhere")
    os.mkfifo("pipe")
    names = ["nope.png", "transpose=true", "gone", "pipe", "*.gif", "p*", "empty"]
    code, out, err = call("own", *names, "-o", "p.csv")
    assert (code, out) == (2, "")
    *others, empty = err.splitlines()
    missing = "error: there is no file {}, nor a data set of that name"
    assert others == [
        missing.format("nope.png"),
        missing.format("transpose=true") + "; options of a data set come after --data DATA",
        "error: gone is a link to what is not there",
        "error: pipe is a pipe or a device, which is not opened; to read one, "
        "write - and redirect standard input",
        "error: no file matches *.gif",
        "error: no file matches p*; passed over 1 pipe or device (pipe)",
    ]
    assert empty.startswith("error: the folder empty holds no pictures (")
    assert empty.endswith("); passed over 1 other file (notes.txt)")


def test_a_folder_without_pictures(call, tmp_path):
    (tmp_path / "empty").mkdir()
    code, _, err = call("empty")
    assert code == 2
    assert err.startswith("error: the folder empty holds no pictures (.bmp, ")
