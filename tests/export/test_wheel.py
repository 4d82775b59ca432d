"""Wheels: the same bytes for the same content, and what pip and twine read of them."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

from mxdigits.export.wheel import Wheel

WHEEL = Wheel(
    "digits-bars",
    "1.0",
    "A summary\nof two lines",
    "# Card\n\nText: ä.\n",
    requires=["mxdigits[onnx]>=0.1.0"],
    license="CC-BY-4.0",
    entry_points={"mxdigits.networks": {"digits-bars": "digits_bars:network"}},
    files={"digits_bars/__init__.py": b"", "digits_bars/x.onnx": bytes(range(256))},
)


@pytest.fixture
def archive(tmp_path) -> zipfile.ZipFile:
    WHEEL.write(tmp_path / WHEEL.filename)
    return zipfile.ZipFile(tmp_path / WHEEL.filename)


def test_the_name_is_as_the_standard_has_it():
    assert WHEEL.filename == "digits_bars-1.0-py3-none-any.whl"


def test_the_same_content_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        WHEEL.write(tmp_path / name)
    content = (tmp_path / "a").read_bytes()
    assert content == (tmp_path / "b").read_bytes()
    # A clock, a user, or another compressor would change it.
    digest = hashlib.sha256(content).hexdigest()
    assert {i.date_time for i in zipfile.ZipFile(tmp_path / "a").infolist()} == {
        (1980, 1, 1, 0, 0, 0)
    }, digest


def test_every_file_is_recorded_with_its_hash(archive):
    rows = list(csv.reader(io.StringIO(archive.read("digits_bars-1.0.dist-info/RECORD").decode())))
    assert [row[0] for row in rows] == archive.namelist()
    assert rows[-1] == ["digits_bars-1.0.dist-info/RECORD", "", ""]
    for name, hashed, size in rows[:-1]:
        content = archive.read(name)
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
        assert (hashed, size) == (f"sha256={digest.decode()}", str(len(content)))


def test_the_metadata(archive):
    text = archive.read("digits_bars-1.0.dist-info/METADATA").decode()
    headers = HeaderParser().parsestr(text)
    assert dict(headers.items()) == {
        "Metadata-Version": "2.1",
        "Name": "digits-bars",
        "Version": "1.0",
        "Summary": "A summary of two lines",
        "License": "CC-BY-4.0",
        "Requires-Python": ">=3.9",
        "Requires-Dist": "mxdigits[onnx]>=0.1.0",
        "Description-Content-Type": "text/markdown; charset=UTF-8",
    }
    assert headers.get_payload() == WHEEL.description
    assert archive.read("digits_bars-1.0.dist-info/entry_points.txt").decode() == (
        "[mxdigits.networks]\ndigits-bars = digits_bars:network\n"
    )


def test_twine_accepts_it(tmp_path: Path):
    check = pytest.importorskip("twine.commands.check", reason="twine is not installed")
    WHEEL.write(tmp_path / WHEEL.filename)
    assert check.check([str(tmp_path / WHEEL.filename)], strict=True) is False
