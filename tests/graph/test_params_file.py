"""MXNet's files of parameters: what MXNet writes comes back; anything else is one error."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mxdigits.backends.mxnet.runtime import import_mxnet
from mxdigits.errors import RunFolderError
from mxdigits.graph.params_file import parse_params, write_params

mx = import_mxnet()

TYPES = ["f4", "f8", "f2", "u1", "i4", "i1", "i8"]


def header(count: int) -> bytes:
    return struct.pack("<3Q", 0x112, 0, count)


def array(
    shape=(2,), data=b"\0" * 8, *, magic=0xF993FAC9, storage=0, device=1, number=0, kind=0
) -> bytes:
    dims = struct.pack(f"<{len(shape)}q", *shape)
    ends = struct.pack("<3i", device, number, kind)
    return struct.pack("<Iii", magic, storage, len(shape)) + dims + ends + data


def names(*names: bytes) -> bytes:
    listed = b"".join(struct.pack("<Q", len(name)) + name for name in names)
    return struct.pack("<Q", len(names)) + listed


def refused(content: bytes) -> str:
    with pytest.raises(RunFolderError) as caught:
        parse_params(content, "w.params")
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("w.params is no file of parameters: ")
    return message[len("w.params is no file of parameters: ") :]


GOOD = header(1) + array() + names(b"arg:w")


ARRAYS = st.dictionaries(
    st.text("abc:_.0é", min_size=1, max_size=20),
    st.sampled_from(TYPES).flatmap(lambda kind: hnp.arrays(kind, hnp.array_shapes())),
    max_size=4,
)


@given(ARRAYS)
def test_what_mxnet_writes_comes_back(tmp_path_factory, arrays):
    file = tmp_path_factory.mktemp("params") / "w.params"
    mx.nd.save(
        str(file), {name: mx.nd.array(array, dtype=array.dtype) for name, array in arrays.items()}
    )
    got = parse_params(file.read_bytes(), "w")
    assert got.keys() == arrays.keys()
    for name, array in arrays.items():
        assert got[name].dtype == array.dtype
        np.testing.assert_array_equal(got[name], array)


@given(ARRAYS)
def test_what_is_written_is_what_mxnet_writes(tmp_path_factory, arrays):
    file = tmp_path_factory.mktemp("params") / "w.params"
    mx.nd.save(
        str(file), {name: mx.nd.array(array, dtype=array.dtype) for name, array in arrays.items()}
    )
    assert write_params(arrays) == file.read_bytes()


@given(ARRAYS)
def test_mxnet_reads_what_is_written(tmp_path_factory, arrays):
    file = tmp_path_factory.mktemp("params") / "w.params"
    file.write_bytes(write_params(arrays))
    got = mx.nd.load(str(file))
    assert set(got) == set(arrays)
    for name, array in arrays.items():
        assert got[name].dtype == array.dtype
        np.testing.assert_array_equal(got[name].asnumpy(), array)


def test_arrays_are_written_whatever_their_layout_in_memory():
    array = np.arange(12, dtype="f4").reshape(3, 4)
    expected = write_params({"w": array})
    assert write_params({"w": np.asfortranarray(array)}) == expected
    assert write_params({"w": array.astype(">f4")}) == expected
    assert write_params({"w": np.repeat(array, 2, axis=1)[:, ::2]}) == expected


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.array(1.0), "w is of type float64 and shape (), which"),
        (np.zeros((2, 0), "f4"), "w is of type float32 and shape (2, 0), which"),
        (np.zeros(2, bool), "w is of type bool and shape (2,), which"),
        (np.zeros(2, complex), "w is of type complex128 and shape (2,), which"),
    ],
)
def test_what_a_file_cannot_hold_is_not_written(array, message):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        write_params({"w": array})
    assert str(caught.value) == f"{message} no file of parameters can hold"


def test_an_exported_network_comes_back(tmp_path):
    network = mx.gluon.nn.HybridSequential()
    network.add(mx.gluon.nn.Conv2D(3, 3), mx.gluon.nn.BatchNorm(), mx.gluon.nn.Dense(2))
    network.initialize()
    network.hybridize()
    network(mx.nd.zeros((1, 1, 8, 8)))
    network.export(str(tmp_path / "net"))
    got = parse_params((tmp_path / "net-0000.params").read_bytes(), "w")
    expected = {parameter.name: parameter for parameter in network.collect_params().values()}
    assert {name.split(":")[1] for name in got} == expected.keys()
    assert sum(name.startswith("aux:") for name in got) == 2
    for name, array in got.items():
        np.testing.assert_array_equal(array, expected[name.split(":")[1]].data().asnumpy())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it ends where 24 more bytes should be"),
        (b"x" * 24, "it does not begin as one"),
        (GOOD + b"\0", "1 bytes follow its end"),
        (header(2**64 - 1) + array(), "it ends where 12 more bytes should be"),
        (header(1) + array(magic=0xF993FAC8), "one of its arrays does not begin as one"),
        (header(1) + array(storage=1), "one of its arrays is sparse"),
        (header(1) + array(()), "one of its arrays has 0 dimensions"),
        (header(1) + array((1,) * 33), "one of its arrays has 33 dimensions"),
        (header(1) + array((2, -1)), "one of its arrays has the shape (2, -1)"),
        (header(1) + array((2, 0)), "one of its arrays has the shape (2, 0)"),
        (header(1) + array(device=7), "one of its arrays comes from no device"),
        (header(1) + array(kind=7), "one of its arrays is of the unknown type 7"),
        (header(1) + array(kind=-1), "one of its arrays is of the unknown type -1"),
        (
            header(1) + array((2**40, 2**40)),
            f"it ends where {2**82} more bytes should be",
        ),
        (header(1) + array() + names(), "it holds 1 arrays and 0 names"),
        (header(1) + array() + names(b"\xff"), "'\ufffd' is no name"),
        (header(1) + array() + names(b"a\n"), "'a\\n' is no name"),
        (header(1) + array() + names(b"a" * 1025), "one of its names has 1025 bytes"),
        (header(2) + array() * 2 + names(b"a", b"a"), "two arrays are named 'a'"),
    ],
)
def test_what_is_wrong_is_said(content, message):
    assert refused(content) == message


def test_every_truncation_is_found():
    assert parse_params(GOOD, "w").keys() == {"arg:w"}
    for size in range(len(GOOD)):
        refused(GOOD[:size])


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_a_changed_byte_changes_numbers_or_names_alone(where, change):
    content = bytearray(GOOD)
    content[where] ^= change
    try:
        got = parse_params(bytes(content), "w")
    except RunFolderError:
        return
    ((name, found),) = got.items()
    assert (name == "arg:w") + (found.tobytes() == b"\0" * 8) + (found.dtype == np.float32) >= 2
    assert found.nbytes == 8


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_an_error(content):
    refused(content)
    refused(header(1) + content)
