"""Files that are no images are called what they are, with what to give instead."""

from __future__ import annotations

import gzip
import io
import struct

import numpy as np
import pytest

from mxdigits.predict.other_files import of_content, what_instead

LABELS = "an IDX file of labels; give the file of the images, or the folder that holds both, {}"
NPY = (
    "an array of NumPy alone; save it in an archive, "
    "numpy.savez('images.npz', images=array), and give that"
)


def idx(kind: int, *shape: int) -> bytes:
    return struct.pack(f">HBB{len(shape)}I", 0, kind, len(shape), *shape)


def npy() -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros((2, 28, 28), np.uint8))
    return file.getvalue()


def npz() -> bytes:
    file = io.BytesIO()
    np.savez(file, images=np.zeros((2, 28, 28), np.uint8))
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (idx(0x08, 3) + b"\1\2\3", LABELS),
        (gzip.compress(idx(0x08, 3) + b"\1\2\3", mtime=0), LABELS),
        (idx(0x0C, 3), LABELS),
        (idx(0x0C, 3, 8), LABELS),
        (idx(0x0D, 3, 28, 28), "an IDX file of 32-bit floats; images are read of unsigned bytes"),
        (
            idx(0x08, 3, 784),
            "an IDX file of 2 dimensions; images have 3: their number, height and width",
        ),
        (npy(), NPY),
        (
            npz(),
            "an archive (ZIP); unpack it first, and if it is NumPy's, end its name in .npz",
        ),
        (gzip.compress(npy(), mtime=0), "packed with gzip; unpack it first"),
        (b"%PDF-1.7\n", "a PDF; save its pages as PNG or TIFF"),
        # What follows may be pictures, or is for their reader to name.
        (b"", ""),
        (b"\0\0", ""),
        (b"\0\0\1\0", ""),
        (b"\0\0\x08\0", ""),
        (b"\x89PNG\r\n", ""),
    ],
)
def test_what_a_file_is(tmp_path, content, what):
    path = tmp_path / "digits"
    path.write_bytes(content)
    assert what_instead(path) == what.format(tmp_path)


@pytest.mark.parametrize("name", ["train.csv", "train.TSV.gz", "train.parquet"])
def test_a_table_of_pixels(tmp_path, name):
    archive = str(tmp_path / "train.npz")
    assert what_instead(tmp_path / name) == (
        "a table; to read its pixels, write them as uint8 (N, H, W) by "
        f"numpy.savez({archive!r}, images=...)"
    )


def test_arrays_of_other_formats(tmp_path):
    archive = str(tmp_path / "usps.npz")
    assert what_instead(tmp_path / "usps.h5") == (
        "arrays; to read images among them, write these as uint8 (N, H, W) by "
        f"numpy.savez({archive!r}, images=...)"
    )


def test_a_network_of_mxnets(tmp_path):
    path = tmp_path / "mine-symbol.json"
    path.write_text("{}")
    assert what_instead(path) == (
        f"a network of MXNet's; mxdigits export {path} makes a file of it that predicts"
    )


def test_a_file_that_is_not_there_is_for_its_reader(tmp_path):
    assert what_instead(tmp_path / "missing") == ""


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (
            idx(0x08, 3, 28, 28),
            "an IDX file; give its name, for pictures alone are read without one",
        ),
        (npy(), NPY),
        (b"P5 1 1 255 a", ""),
    ],
)
def test_what_has_no_name(content, what):
    assert of_content(content) == what
