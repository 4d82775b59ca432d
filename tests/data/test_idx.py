"""The IDX format: what was written comes back, and whatever is wrong is said in one line."""

from __future__ import annotations

import gzip
import hashlib
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from mxdigits.data.idx import idx_images, read_idx, write_idx
from mxdigits.errors import DataError, OutputError, UsageError

IMAGES = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
HEADER = bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4])
CONTENT = HEADER + IMAGES.tobytes()

any_array = arrays(np.uint8, array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=6))
any_images = arrays(np.uint8, array_shapes(min_dims=3, max_dims=3, min_side=0, max_side=6))


def message(path, **options) -> str:
    with pytest.raises(DataError) as caught:
        read_idx(path, **{"dims": 3, **options})
    assert len(caught.value.lines) == 1
    return str(caught.value)


def save(path, content: bytes):
    path.write_bytes(content)
    return path


# What is right


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("idx")


@settings(deadline=None)
@given(array=any_array, name=st.sampled_from(["a", "a.gz"]))
def test_what_was_written_comes_back(folder, array, name):
    write_idx(folder / name, array)
    back, digest = read_idx(folder / name, dims=array.ndim)
    assert back.dtype == np.uint8
    assert back.shape == array.shape
    assert np.array_equal(back, array)
    content = (folder / name).read_bytes()
    content = gzip.decompress(content) if name.endswith(".gz") else content
    assert digest == hashlib.sha256(content).hexdigest()
    assert read_idx(folder / name, dims=array.ndim, sha256=digest)[1] == digest


def test_the_bytes_are_those_of_the_format(tmp_path):
    write_idx(tmp_path / "images", IMAGES)
    assert (tmp_path / "images").read_bytes() == CONTENT
    write_idx(str(tmp_path / "images.gz"), IMAGES[:, ::-1])
    assert gzip.decompress((tmp_path / "images.gz").read_bytes())[16:] == IMAGES[:, ::-1].tobytes()


def test_equal_arrays_give_equal_files(tmp_path):
    write_idx(tmp_path / "one.gz", IMAGES)
    write_idx(tmp_path / "two.gz", IMAGES.copy())
    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()
    # gzip's magic, deflate, no flags (so no name), no time
    assert (tmp_path / "one.gz").read_bytes()[:8] == b"\x1f\x8b\x08\0\0\0\0\0"


def test_gzip_is_recognised_by_its_content(tmp_path):
    plain = save(tmp_path / "plain.gz", CONTENT)
    packed = save(tmp_path / "packed", gzip.compress(CONTENT))
    assert np.array_equal(read_idx(plain, dims=3)[0], IMAGES)
    assert read_idx(plain, dims=3)[1] == read_idx(str(packed), dims=3)[1]


def test_gzip_may_come_in_several_members(tmp_path):
    path = save(tmp_path / "a", gzip.compress(CONTENT[:9]) + gzip.compress(CONTENT[9:]))
    assert np.array_equal(read_idx(path, dims=3)[0], IMAGES)


def test_the_array_may_be_changed(tmp_path):
    images, _ = read_idx(save(tmp_path / "a", CONTENT), dims=3)
    images[0, 0, 0] = 99
    assert images[0, 0, 0] == 99


# What is wrong


def test_missing(tmp_path):
    assert message(tmp_path / "a") == f"{tmp_path}/a: no such file"


def test_a_folder(tmp_path):
    assert message(tmp_path) == f"{tmp_path}: cannot be read: Is a directory"


def test_no_permission(tmp_path, monkeypatch):
    def refuse(path, mode):  # chmod would not stop root
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("mxdigits.data.idx.open", refuse, raising=False)
    assert message(tmp_path / "a") == f"{tmp_path}/a: cannot be read: Permission denied"


def test_a_name_that_no_file_can_have():
    assert message("a\0b") == "a\0b: cannot be read: embedded null byte"


@pytest.mark.parametrize(
    ("content", "dims", "said"),
    [
        (b"", 3, "ends within its header, after 0 bytes of 16"),
        (b"\0\0\x08", 3, "ends within its header, after 3 bytes of 16"),
        (CONTENT[:15], 3, "ends within its header, after 15 bytes of 16"),
        (
            b"\x89PNG\r\n",
            3,
            "not an IDX file: it begins with 89 50 4e 47, expected 00 00 08 03",
        ),
        (b"P", 1, "not an IDX file: it begins with 50, expected 00 00 08 01"),
        (
            b"\0\0\x0d\x03" + CONTENT[4:],
            3,
            "the elements are 32-bit floats (0x0d), expected unsigned bytes (0x08)",
        ),
        (
            b"\0\0\xff\x03" + CONTENT[4:],
            3,
            "the elements are of no known type (0xff), expected unsigned bytes (0x08)",
        ),
        (CONTENT, 1, "the number of dimensions is 3, expected 1"),
        (b"\0\0\x08\x01\0\0\0\x01\x05", 3, "the number of dimensions is 1, expected 3"),
        (CONTENT[:-1], 3, "truncated: the header promises 2x3x4 = 24 bytes, found 23"),
        (HEADER, 3, "truncated: the header promises 2x3x4 = 24 bytes, found 0"),
        (CONTENT + b"!", 3, "too long: the header promises 2x3x4 = 24 bytes, found at least 25"),
        (
            CONTENT + b"?" * 5000,
            3,
            "too long: the header promises 2x3x4 = 24 bytes, found at least 25",
        ),
        (
            HEADER[:4] + struct.pack(">3I", 2**32 - 1, 0, 2**32 - 1),
            3,
            "the header promises 4294967295x0x4294967295 = 0 bytes, a shape that no array can have",
        ),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_contradictions(tmp_path, content, dims, said, pack):
    path = save(tmp_path / "a", pack(content))
    assert message(path, dims=dims) == f"{path}: {said}"


def test_damaged_gzip(tmp_path):
    packed = gzip.compress(CONTENT)
    path = save(tmp_path / "a.gz", packed[:-9])
    assert message(path) == (
        f"{path}: damaged gzip data: "
        "Compressed file ended before the end-of-stream marker was reached"
    )
    path.write_bytes(packed[:-8] + b"\0\0\0\0" + packed[-4:])
    (crc,) = struct.unpack("<I", packed[-8:-4])
    assert message(path) == f"{path}: damaged gzip data: CRC check failed 0x0 != {crc:#x}"
    path.write_bytes(packed + b"more")
    assert message(path) == f"{path}: damaged gzip data: Not a gzipped file (...)"
    path.write_bytes(packed[:10] + b"\xff" * 40)
    assert message(path) == (
        f"{path}: damaged gzip data: Error -3 while decompressing data: invalid block type"
    )


def test_another_file_than_the_one_expected(tmp_path):
    path = save(tmp_path / "a", CONTENT)
    found = hashlib.sha256(CONTENT).hexdigest()
    assert message(path, sha256="0" * 64) == f"{path}: its SHA-256 is {found}, expected {'0' * 64}"


@settings(deadline=None)
@given(images=any_images, name=st.sampled_from(["cut", "cut.gz"]), data=st.data())
def test_a_file_cut_short_is_always_noticed(folder, images, name, data):
    write_idx(folder / name, images)
    content = (folder / name).read_bytes()
    save(folder / name, content[: data.draw(st.integers(0, len(content) - 1))])
    with pytest.raises(DataError):
        read_idx(folder / name, dims=3)


@settings(deadline=None)
@given(images=any_images, at=st.integers(0, 15), flip=st.integers(1, 255))
def test_a_changed_header_never_changes_the_data(folder, images, at, flip):
    write_idx(folder / "header", images)
    content = bytearray((folder / "header").read_bytes())
    content[at] ^= flip
    save(folder / "header", bytes(content))
    try:
        back, _ = read_idx(folder / "header", dims=3)
    except DataError:
        return
    assert back.size == images.size == 0  # no other product survives a change of one factor


@settings(deadline=None)
@given(images=any_images, flip=st.integers(1, 255), data=st.data())
def test_a_changed_byte_of_gzip_never_changes_the_data(folder, images, flip, data):
    write_idx(folder / "packed.gz", images)
    intact = read_idx(folder / "packed.gz", dims=3)
    content = bytearray((folder / "packed.gz").read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= flip
    save(folder / "packed.gz", bytes(content))
    try:
        back, digest = read_idx(folder / "packed.gz", dims=3)
    except DataError:
        return
    assert np.array_equal(back, intact[0])
    assert digest == intact[1]


@settings(deadline=None)
@given(content=st.binary(max_size=200), packed=st.booleans(), dims=st.integers(0, 4))
def test_anything_at_all_is_read_or_refused(folder, content, packed, dims):
    path = save(folder / "any", gzip.compress(content) if packed else content)
    try:
        back, _ = read_idx(path, dims=dims)
    except DataError:
        return
    assert back.tobytes() == content[4 + 4 * dims :]


# One image at a time


def images_of(path):
    with idx_images(path) as file:
        return file.image_shape, list(file)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_images_come_one_at_a_time(tmp_path, pack):
    shape, images = images_of(save(tmp_path / "a", pack(CONTENT)))
    assert shape == (1, 3, 4)
    np.testing.assert_array_equal(np.concatenate(images), IMAGES)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (CONTENT[:-1], "truncated: the header promises 2x3x4 = 24 bytes, found 23"),
        (CONTENT[:20], "truncated: the header promises 2x3x4 = 24 bytes, found 4"),
        (CONTENT + b"!", "too long: the header promises 2x3x4 = 24 bytes, found at least 25"),
        (b"\0\0\x08\x01\0\0\0\x01\x05", "the number of dimensions is 1, expected 3"),
        (
            HEADER[:4] + struct.pack(">3I", 1, 2**32 - 1, 2**32 - 1) + bytes(800),
            "truncated: the header promises 1x4294967295x4294967295 = 18446744065119617025 bytes, "
            "found 800",
        ),
        (
            HEADER + b"\1" + bytes(23),
            "the largest pixel is 1, and white is 255; multiply images of 0 and 1 by 255",
        ),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_damaged_images(tmp_path, content, said, pack):
    path = save(tmp_path / "a", pack(content))
    with pytest.raises(DataError) as caught:
        images_of(path)
    assert str(caught.value) == f"{path}: {said}"


def test_a_plain_file_of_another_size_gives_no_image_at_all(tmp_path):
    with pytest.raises(DataError), idx_images(save(tmp_path / "a", CONTENT + b"!")):
        pytest.fail("it was opened")


@settings(deadline=None)
@given(images=any_images, flip=st.integers(1, 255), data=st.data())
def test_a_changed_byte_of_gzip_never_changes_an_image(folder, images, flip, data):
    packed = folder / "images.gz"
    write_idx(packed, images)
    content = bytearray(packed.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= flip
    save(packed, bytes(content))
    try:
        _, found = images_of(packed)
    except DataError:
        return
    assert b"".join(image.tobytes() for image in found) == images.tobytes()


@pytest.mark.parametrize("cut", range(1, 9))
def test_gzip_without_its_end_is_damaged(tmp_path, cut):
    with pytest.raises(DataError) as caught:
        images_of(save(tmp_path / "a.gz", gzip.compress(CONTENT)[:-cut]))
    assert str(caught.value).startswith(f"{tmp_path}/a.gz: damaged gzip data: ")


# Memory


def peak_of_refusal(path) -> int:
    """The most bytes that are held at one time while a file is refused."""
    tracemalloc.start()
    try:
        message(path)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_header_that_promises_too_much_allocates_nothing(tmp_path, pack):
    lie = HEADER[:4] + struct.pack(">3I", 2**32 - 1, 28, 28)
    path = save(tmp_path / "a", pack(lie + bytes(1000)))
    assert peak_of_refusal(path) < 4 << 20
    assert message(path) == (
        f"{path}: truncated: the header promises 4294967295x28x28 = 3367254359280 bytes, found 1000"
    )


def test_a_gzip_bomb_is_not_unpacked(tmp_path):
    path = save(tmp_path / "a", gzip.compress(CONTENT + bytes(64 << 20), 1))
    assert peak_of_refusal(path) < 4 << 20


def test_reading_takes_little_more_memory_than_the_array(tmp_path):
    write_idx(tmp_path / "a.gz", np.zeros((16, 1024, 1024), np.uint8))
    tracemalloc.start()
    images, _ = read_idx(tmp_path / "a.gz", dims=3)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert images.nbytes < peak < 1.5 * images.nbytes


# Writing


def test_only_uint8_is_written(tmp_path):
    with pytest.raises(UsageError) as caught:
        write_idx(tmp_path / "a", np.zeros((1, 2), np.float32))
    assert (
        str(caught.value) == f"{tmp_path}/a: an IDX file here holds uint8, got an array of float32"
    )
    assert not (tmp_path / "a").exists()


def test_a_place_that_cannot_be_written(tmp_path):
    path = tmp_path / "no" / "a"
    with pytest.raises(OutputError) as caught:
        write_idx(path, IMAGES)
    assert str(caught.value) == f"cannot write {path}: there is no folder {path.parent}"
