"""Functions in a process of their own: what they may take, and what becomes of the next call."""

from __future__ import annotations

import io
import threading
import weakref

import confined_cases
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.digitize.opening.confined import Bounds, ConfinedFunction
from mxdigits.digitize.opening.confined_process import arrays_of, read_message, write_message
from mxdigits.errors import DataError, ProcessNotStarted

BOUNDS = Bounds(cpu_seconds=1, seconds=30, memory=200_000_000, content=1000, answer=1000)


def confined(function, **bounds) -> ConfinedFunction:
    return ConfinedFunction(
        f"{confined_cases.__name__}:{function}", Bounds(**{**vars(BOUNDS), **bounds})
    )


def message_of(function, content=b"x") -> str:
    with pytest.raises(DataError) as caught:
        function(content, name="a.png")
    return str(caught.value)


def test_a_function_is_called_with_what_was_given(capfd):
    lengths = confined("lengths")
    for times in (1, 2):
        given, counted, empty = lengths(b"abc", name="a", times=times)
        assert bytes(given) == b"abc"
        assert counted.tolist() == [[3] * times]
        assert empty.shape == (0, 3)
        assert [given.dtype, counted.dtype, empty.dtype] == [np.uint8, np.int64, np.float32]
    assert capfd.readouterr() == ("", "")


def test_one_process_serves_all_calls():
    process = confined("process")
    first, second = (int(process(name="a")[0][0]) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("function", "bounds", "message"),
    [
        ("refuse", {}, "a.png: is not to my taste"),
        ("spin", {}, "a.png: takes too long to read; save it anew as PNG, or smaller"),
        (
            "sleep",
            {"seconds": 0.5},
            "a.png: takes too long to read; save it anew as PNG, or smaller",
        ),
        ("crash", {}, "a.png: cannot be read: its decoder was ended (SIGSEGV)"),
        ("leave", {}, "a.png: cannot be read: its decoder was ended (exit code 7)"),
        ("fill", {}, "a.png: does not fit into memory; make it smaller"),
        ("none", {}, "a.png: does not fit into memory; make it smaller"),
        ("much", {}, "a.png: its decoder gave no picture: a message of 29 and 2000 bytes"),
        (
            *("wide", {}),
            "a.png: its decoder gave no picture: an array of type '<c16' and shape [2]",
        ),
        ("lengths", {"content": 0}, "a.png: has more than 0 bytes; it is not read"),
    ],
)
def test_what_takes_too_much_is_an_error_of_the_file(function, bounds, message):
    function = confined(function, **bounds)
    for _ in range(2):  # the next call has a process again
        assert message_of(function) == message


def test_a_call_after_one_that_was_ended_is_answered():
    spin = confined("spin")
    assert "takes too long" in message_of(spin, b"x")
    assert spin(name="a") == []


def test_cpu_time_is_counted_for_each_call():
    spend = confined("spend", cpu_seconds=1)
    for _ in range(4):
        spend(name="a")


@pytest.mark.parametrize("times", [0, 1, 5])
def test_a_function_may_yield_as_often_as_it_likes(times):
    answers = confined("count").each(name="a", times=times)
    assert [int(number) for ((number,),) in answers] == list(range(times))
    assert list(answers) == []


@pytest.mark.parametrize(
    ("last", "message"),
    [
        ("refuse", "a.tif: is not to my taste"),
        ("spin", "a.tif#3: takes too long to read; save it anew as PNG, or smaller"),
        ("crash", "a.tif#3: cannot be read: its decoder was ended (SIGSEGV)"),
        ("fill", "a.tif#3: does not fit into memory; make it smaller"),
        ("much", "a.tif#3: its decoder gave no picture: a message of 29 and 2000 bytes"),
    ],
)
def test_what_takes_too_much_on_the_way_is_the_last(last, message):
    count = confined("count")
    answers = count.each(b"x", name="a.tif", times=2, last=last)
    for number in range(2):
        ((found,),) = next(answers)
        assert found == number
    answers.name = "a.tif#3"
    with pytest.raises(DataError) as caught:
        next(answers)
    assert str(caught.value) == message
    assert list(answers) == []
    assert [int(number) for ((number,),) in count.each(name="b", times=1)] == [0]


def test_cpu_time_is_counted_for_each_answer():
    answers = confined("toil", cpu_seconds=1).each(name="a")
    assert len(list(answers)) == 4


def test_a_call_that_is_left_unfinished_leaves_no_answer_to_the_next():
    count = confined("count")
    left = count.each(name="a", times=3)
    next(left)
    process = count._process
    assert [int(number) for ((number,),) in count.each(name="b", times=2)] == [0, 1]
    assert count._process is process
    with pytest.raises(RuntimeError, match="a: a later call has ended this one"):
        next(left)


def test_a_function_that_gives_nothing_is_an_error_of_the_file():
    with pytest.raises(DataError) as caught:
        confined("count")(name="a.png", times=0)
    assert str(caught.value) == "a.png: its decoder gave no picture: no answer"


def test_other_faults_are_told_with_where_they_happened():
    with pytest.raises(RuntimeError, match=r"(?s)failed with a\.png:.*confined_cases.*a fault of"):
        confined("fail")(name="a.png")


def test_no_file_is_written(tmp_path):
    with pytest.raises(RuntimeError, match="File too large"):
        confined("write")(str(tmp_path / "file").encode(), name="a.png")


def test_a_process_that_does_not_start_says_so():
    with pytest.raises(ProcessNotStarted) as caught:
        ConfinedFunction("no_such_module:name", BOUNDS)(name="a.png")
    message = "the process to read files in did not start (exit code 1)"
    assert str(caught.value) == message


def test_closing_ends_a_call_and_starts_no_other(monkeypatch):
    sleep = confined("sleep")
    sleep(name="warm")
    closing = threading.Thread(target=sleep.close)

    def asked(*arguments):
        closing.start()
        return read_message(*arguments)

    monkeypatch.setattr("mxdigits.digitize.opening.confined.read_message", asked)
    assert message_of(sleep) == "a.png: cannot be read: its decoder was ended (SIGKILL)"
    closing.join()
    with pytest.raises(ProcessNotStarted, match="this process was closed"):
        sleep(name="a.png")


def test_a_call_that_was_broken_off_leaves_no_answer_to_the_next(monkeypatch):
    lengths = confined("lengths")
    lengths(b"warm", name="a")

    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("mxdigits.digitize.opening.confined.read_message", interrupted)
        with pytest.raises(KeyboardInterrupt):
            lengths(b"old", name="a")
    assert bytes(lengths(b"new", name="a")[0]) == b"new"


def test_the_process_ends_with_its_function():
    function = confined("process")
    function(name="a")
    process, reference = function._process, weakref.ref(function)
    del function
    assert reference() is None
    assert process.returncode is not None


@given(
    st.dictionaries(st.text(), st.none() | st.integers() | st.text() | st.booleans()),
    st.lists(st.binary(max_size=100), max_size=3),
)
def test_a_message_is_read_as_it_was_written(header, parts):
    file = io.BytesIO()
    write_message(file, header, parts)
    file.seek(0)
    content = b"".join(parts)
    assert read_message(file, len(content)) == (header, content)
    file.seek(0)
    if content:
        with pytest.raises(ValueError, match="a message of"):
            read_message(file, len(content) - 1)


@given(st.binary(max_size=60))
def test_what_is_no_message_is_an_error_that_is_expected(data):
    with pytest.raises((EOFError, ValueError)):
        read_message(io.BytesIO(data), 100)


@pytest.mark.parametrize(
    "arrays",
    [[["|u1", [4]]], [["|O", [1]]], [["|u1", [-1]]], [["<f4", [2]], ["<f4", [1]]], [[1]], 7],
)
def test_arrays_that_do_not_fit_are_an_error_that_is_expected(arrays):
    with pytest.raises((ValueError, TypeError)):
        arrays_of({"arrays": arrays}, bytearray(3))
