"""NPZ files: what NumPy writes comes back; anything else is one error, at no cost."""

from __future__ import annotations

import io
import pickle
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mxdigits.errors import DataError
from mxdigits.storage.npz import open_npz, read_npz

NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=126, blacklist_characters="/"))
TYPES = st.sampled_from(["?", "<U1", "<U3", "i1", "u1", "<i2", "<u4", "<i8", "<f2", "<f4", "<f8"])
ARRAYS = st.dictionaries(
    NAMES.filter(lambda name: name not in ("file",)),
    TYPES.flatmap(lambda kind: hnp.arrays(kind, hnp.array_shapes(min_dims=0, min_side=0))),
    max_size=4,
)
SAVERS = st.sampled_from([np.savez, np.savez_compressed])


def saved(arrays: dict[str, np.ndarray], save=np.savez) -> bytes:
    file = io.BytesIO()
    save(file, **arrays)
    return file.getvalue()


def archive(*members: tuple[str, bytes], compression=zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as zipped:
        for name, content in members:
            zipped.writestr(name, content)
    return file.getvalue()


def npy(header: str, data: bytes = b"") -> bytes:
    text = (header + "\n").encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def plain(descr: str, shape: str, data: bytes = b"") -> bytes:
    return npy(f"{{'descr': '{descr}', 'fortran_order': False, 'shape': ({shape}), }}", data)


def assert_same(got, expected) -> None:
    assert got.keys() == expected.keys()
    for name, array in expected.items():
        assert got[name].dtype == array.dtype
        assert got[name].shape == array.shape
        assert got[name].tobytes() == array.tobytes()
        assert got[name].flags.writeable


def refused(content: bytes, **options) -> str:
    with pytest.raises(DataError) as caught:
        read_npz(io.BytesIO(content), **options)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("an NPZ file: not a sound NPZ file: ")
    return message[len("an NPZ file: not a sound NPZ file: ") :]


@given(ARRAYS, SAVERS)
def test_what_numpy_writes_comes_back(arrays, save):
    assert_same(read_npz(io.BytesIO(saved(arrays, save))), arrays)


def rows_of(content: bytes, name: str = "a") -> list[np.ndarray]:
    with open_npz(io.BytesIO(content)) as file:
        return list(file.rows(name))


@given(
    TYPES.flatmap(lambda kind: hnp.arrays(kind, hnp.array_shapes(min_side=1, max_side=4))), SAVERS
)
def test_rows_come_back_one_at_a_time(array, save):
    content = saved({"a": array, "b": np.arange(3)}, save)
    with open_npz(io.BytesIO(content)) as file:
        header = file.header("a")
        assert (file.names, header.shape) == (("a", "b"), array.shape)
        rows = list(file.rows("a"))
    np.testing.assert_array_equal(rows, array)


@given(SAVERS, st.data())
def test_a_changed_byte_changes_no_row(save, data):
    array = np.arange(40, dtype=np.uint8).reshape(5, 2, 4)
    content = bytearray(saved({"a": array}, save))
    where = data.draw(st.integers(0, len(content) - 1))
    content[where] ^= data.draw(st.integers(1, 255))
    try:
        rows = rows_of(bytes(content))
    except (DataError, KeyError):  # of another name
        return
    np.testing.assert_array_equal(rows, array)


@pytest.mark.parametrize("array", [np.asfortranarray(np.zeros((2, 3))), np.array(1.0)])
def test_what_has_no_rows(array):
    with pytest.raises(DataError) as caught:
        rows_of(saved({"a": array}))
    assert str(caught.value) == "an NPZ file: not a sound NPZ file: a.npy is not kept row by row"


def test_rows_of_nothing_have_an_end():
    assert rows_of(archive(("a.npy", plain("<f4", "9999999999999999, 0")))) == []


@pytest.mark.parametrize("version", [1, 2, 3])
def test_every_version_of_the_format_is_read(version):
    array = np.arange(6.0).reshape(2, 3)
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=(version, 0))
    found = read_npz(io.BytesIO(archive(("a.npy", file.getvalue()))))
    np.testing.assert_array_equal(found["a"], array)


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2,)}",
        "{'descr':'<u1','fortran_order':False,'shape':(2,),}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }        ",
    ],
)
def test_headers_of_other_programs_are_read(header):
    assert read_npz(io.BytesIO(archive(("a.npy", npy(header, b"\3\4")))))["a"].tolist() == [3, 4]


def test_an_archive_that_was_written_to_a_stream_is_read():
    class Stream(io.RawIOBase):
        """Cannot seek, so zipfile writes the sizes behind each member."""

        content = b""

        def writable(self):
            return True

        def write(self, data):
            self.content += bytes(data)
            return len(data)

    stream = Stream()
    with zipfile.ZipFile(stream, "w") as zipped:
        for name in ("a.npy", "b.npy"):
            zipped.writestr(name, plain("<f4", "1,", b"\0" * 4))
    assert set(read_npz(io.BytesIO(stream.content))) == {"a", "b"}


def test_what_is_encrypted_is_refused():
    content = bytearray(archive(("a.npy", plain("<f4", "1,", b"\0" * 4))))
    for magic, flags in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        content[content.index(magic) + flags] |= 1
    assert refused(bytes(content)) == "a.npy is encrypted"


def test_columns_first_comes_back_equal():
    array = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    np.testing.assert_array_equal(read_npz(io.BytesIO(saved({"a": array})))["a"], array)


@given(ARRAYS, SAVERS, st.data())
def test_a_changed_byte_is_found_or_changes_nothing(arrays, save, data):
    content = bytearray(saved(arrays, save))
    where = data.draw(st.integers(0, len(content) - 1))
    content[where] ^= data.draw(st.integers(1, 255))
    try:
        got = read_npz(io.BytesIO(content))
    except DataError:
        return
    assert_same(got, arrays)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_every_truncation_is_found(save):
    content = saved({"a": np.arange(4), "b": np.array(True)}, save)
    for size in range(len(content)):
        refused(content[:size])


def test_an_empty_file_is_called_empty():
    assert refused(b"") == "it is empty"


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_an_error(content):
    refused(content)


def test_an_object_is_never_unpickled(tmp_path):
    class Bomb:
        def __reduce__(self):
            return Path.touch, (tmp_path / "executed",)

    evil = np.array([Bomb()], dtype=object)
    message = refused(saved({"a": evil}))
    assert message == "a.npy holds Python objects, which are never read; save an array of numbers"
    refused(archive(("a.npy", pickle.dumps(Bomb()))))
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    ("array", "told"),
    [
        (np.arange(3, dtype=">i8"), "is of type >i8; save it as <i8"),
        (np.arange(3, dtype=">f4"), "is of type >f4; save it as <f4"),
        (np.array([1j]), "is of type <c16, which is no plain number; save an array of numbers"),
        (
            np.array(["2026-11-28"], "datetime64[D]"),
            "is of type <M8[D], which is no plain number; save an array of numbers",
        ),
    ],
)
def test_numbers_of_other_types_are_named(array, told):
    assert refused(saved({"a": array})) == f"a.npy {told}"


@pytest.mark.parametrize(
    "member",
    [
        plain("|O", "1,", b"\0" * 8),
        plain("<c8", "1,", b"\0" * 8),
        plain(">f4", "1,", b"\0" * 4),
        npy("[" * 9000),
        npy("__import__('os').abort()"),
        b"\x93NUMPY\x09\x00" + b"\0" * 8,
        b"\x93NUMPY\x02\x00" + b"\xff" * 8,
        b"",
    ],
)
def test_only_plain_numbers_are_read(member):
    assert refused(archive(("a.npy", member))).startswith("a.npy ")


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (plain("<f4", "2,", b"\0" * 4), "a.npy: (2,) of float32 is not what it holds"),
        (plain("<f4", "", b"\0" * 8), "a.npy: () of float32 is not what it holds"),
        (
            plain("<f8", "9999999999, 9999999999"),
            "a.npy: (9999999999, 9999999999) of float64 is not what it holds",
        ),
        (plain("|b1", "2,", b"\1\2"), "a.npy: a boolean is neither 0 nor 1"),
        (plain("<U1", "1,", b"\0\0\x11\0"), "a.npy: a character is none of Unicode's"),
    ],
)
def test_a_shape_that_lies_is_found(member, message):
    assert refused(archive(("a.npy", member))) == message


def test_a_shape_without_elements_may_still_be_too_large():
    refused(archive(("a.npy", plain("<f4", "0, 9999999999, 9999999999, 9999999999"))))
    refused(archive(("a.npy", plain("<f4", ", ".join(["0"] * 70)))))


def test_two_arrays_of_one_name_are_refused():
    member = plain("<f4", "1,", b"\0" * 4)
    with pytest.warns(UserWarning, match="Duplicate"):
        content = archive(("a.npy", member), ("a.npy", member))
    assert refused(content) == "more than one array is named 'a'"
    assert refused(archive(("a", member))) == "'a' is no name of an array"
    assert refused(archive(("\xe4.npy", member))) == "'ä.npy' is no name of an array"


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_refused(compression):
    content = archive(("a.npy", plain("<f4", "1,", b"\0" * 4)), compression=compression)
    assert refused(content) == "a.npy: neither stored nor deflated"


def test_a_bomb_is_refused_before_it_is_unpacked():
    content = saved({"a": np.zeros(300 << 20, np.uint8)}, np.savez_compressed)
    tracemalloc.start()
    try:
        message = refused(content)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert message == f"its arrays would take more than {256 << 20} bytes"
    assert peak < 10 << 20
    refused(saved({"a": np.zeros(1000)}), most_bytes=8000)  # its header counts too
    read_npz(io.BytesIO(saved({"a": np.zeros(1000)})), most_bytes=8200)


def test_members_that_overlap_are_refused():
    """Else one small member, listed often, unpacks to anything."""
    content = archive(("a.npy", plain("<f4", "1,", b"\0" * 4)))
    start = content.index(b"PK\1\2")
    end = content.index(b"PK\5\6")
    entry = content[start:end]
    entries = entry + entry.replace(b"a.npy", b"b.npy")
    tail = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 2, 2, len(entries), start, 0)
    assert refused(content[:start] + entries + tail) in (
        "b.npy does not begin where it should",
        "Overlapped entries: 'a.npy' (possible zip bomb)",
    )
    hidden = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0, 0, 0, end, 0)
    assert refused(content[:end] + hidden) == "its directory does not begin where it should"


def test_the_file_is_named_in_the_message(tmp_path):
    missing = tmp_path / "weights.npz"
    with pytest.raises(DataError) as caught:
        read_npz(missing)
    assert str(caught.value) == f"{missing}: no such file"
    with pytest.raises(DataError) as caught:
        read_npz(tmp_path)
    assert str(caught.value) == f"{tmp_path}: cannot be read: Is a directory"
    missing.write_bytes(b"PK")
    with pytest.raises(DataError) as caught:
        read_npz(missing)
    assert str(caught.value) == f"{missing}: not a sound NPZ file: File is not a zip file"
