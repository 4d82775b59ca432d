"""The door to the terminal: what it spells out, and that no stream changes an exit code."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxdigits import printing
from mxdigits.cli.app import main
from mxdigits.errors import OutputError
from mxdigits.printing import (
    encodable,
    print_at_once,
    print_line,
    print_note,
    print_text,
    printable,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("größe 数 [x]", "größe 数 [x]"),
        ("a\x1b[2J\x1b]0;title\x07", "a\\x1b[2J\\x1b]0;title\\x07"),
        ("two\nlines\r\tand", "two\\nlines\\r\\tand"),
        ("\x9b31m", "\\x9b31m"),
        ("\u202egpj.exe\u2069", "\\u202egpj.exe\\u2069"),
        ("\u200b\ufeff", "\\u200b\\ufeff"),
        (os.fsdecode(b"t\xe9.png"), "t\\xe9.png"),  # as in files, see below
        ("\ud800.png", "\\ud800.png"),
    ],
)
def test_what_a_terminal_would_obey_is_spelt_out(text, shown, capsys):
    assert printable(text) == shown
    print_line(text)
    print_note(text)
    assert capsys.readouterr() == (f"{shown}\n", f"{shown}\n")


def test_a_text_keeps_its_lines(capsys):
    print_text("a: 1\n\tb: \x1b[31m")
    assert capsys.readouterr().out == "a: 1\n\tb: \\x1b[31m\n"


@given(st.text())
def test_whatever_it_is_it_can_be_read(text):
    assert printable(text).isprintable()
    assert printable(printable(text)) == printable(text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (b"plain.png", "plain.png"),
        ("größe 手.png".encode(), "größe 手.png"),
        (b"t\xe9.png", r"t\xe9.png"),
        (b"\xff\xfe", r"\xff\xfe"),
        (rb"t\xe9.png", r"t\xe9.png"),  # not to be told from the one above, by people either
    ],
)
def test_names_of_files_look_alike_in_files_and_on_a_terminal(name, text):
    assert encodable(os.fsdecode(name)) == printable(os.fsdecode(name)) == text


def test_half_a_surrogate_pair_that_stands_for_no_byte():
    assert encodable("\ud800.png") == r"\ud800.png"


@given(st.binary())
def test_every_name_can_be_written_as_utf8(name):
    encodable(os.fsdecode(name)).encode()


@given(st.text())
def test_text_that_can_be_encoded_stays_as_it_is(text):
    assert encodable(text) == text


def test_bytes_are_spelt_out_where_there_is_ascii_alone():
    assert encodable(os.fsdecode(b"d\xe9") + "jà", "ascii") == r"d\xe9j\xe0"


def test_the_error_handler_spells_out_what_is_encoded_alone():
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("utf-8", printing.SPELLED_OUT)


def test_what_the_encoding_lacks_is_spelt_out(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), "ascii")
    monkeypatch.setattr("sys.stdout", stream)
    print_line("déjà vu ▀")
    stream.seek(0)
    assert stream.read() == "d\\xe9j\\xe0 vu \\u2580\n"


def test_a_reader_that_left_is_told_once_and_misses_nothing(monkeypatch):
    reader, writer = os.pipe()
    with open(writer, "w") as stream:
        monkeypatch.setattr("sys.stdout", stream)
        assert print_at_once("one\n") is True
        assert os.read(reader, 100) == b"one\n"
        os.close(reader)
        assert print_at_once("two\n") is False
        print_line("three")
        printing.finish()


@pytest.mark.parametrize("name", ["stdout", "stderr"])
@pytest.mark.parametrize("taken_away", [True, False])
def test_a_stream_that_a_plugin_closed_is_no_fault(monkeypatch, name, taken_away):
    stream = io.StringIO()
    stream.close()
    monkeypatch.setattr(sys, name, None if taken_away else stream)
    print_line("lost, or not")
    print_note("lost, or not")
    assert print_at_once("lost, or not") is (name != "stdout")
    printing.finish()


def test_a_full_disk_is_an_error(monkeypatch):
    with open("/dev/full", "w") as stream:
        monkeypatch.setattr("sys.stdout", stream)
        print_line("waits in the buffer")
        with pytest.raises(OutputError) as caught:
            printing.finish()
        assert str(caught.value) == "cannot write the output: No space left on device"
        printing.finish()  # Python has nothing left to write at its end


def test_a_full_disk_is_told_once(monkeypatch, capfd):
    """Typer prints help itself, and what it could not write waits in the stream."""
    with open("/dev/full", "w") as stream:
        monkeypatch.setattr("sys.stdout", stream)
        assert main(["--help"]) == 3
    assert capfd.readouterr().err == "error: cannot write the output: No space left on device\n"


# Real processes, in every combination

STREAMS = {
    "<&-": (),
    ">&-": (),
    "2>&-": (),
    "<&- >&-": (),
    "<&- 2>&-": (),
    ">&- 2>&-": (),
    "<&- >&- 2>&-": (),
    "2>/dev/full": (),
    "| head -n 0": (),
    "2>&1 | head -n 0": (),
    ">/dev/full": (0, 3),  # somebody misses the output: the one code that may change
    ">/dev/full 2>/dev/full": (0, 3),
}


@pytest.mark.parametrize("streams", STREAMS)
@pytest.mark.parametrize(
    ("command", "code"),
    [("models", 0), ("--help", 0), ("nope", 2), ("runs rm nothing", 3)],
)
def test_no_stream_changes_an_exit_code(tmp_path, command, code, streams):
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {sys.executable} -m mxdigits {command} {streams}"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    instead = STREAMS[streams]
    assert done.returncode == (instead[1] if instead and code == instead[0] else code)
    assert "Traceback" not in done.stdout + done.stderr
    assert (done.stdout + done.stderr).count("error: ") <= 1


def test_a_file_never_takes_the_number_of_a_closed_stream(tmp_path):
    """A library that writes to standard error would write into it."""
    ask = (
        "import sys; from mxdigits.printing import open_closed_streams as o; o(); "
        "file = open('file', 'w'); assert file.fileno() > 2; "
        "sys.stdin.read(); print(1); print(2, file=sys.stderr)"
    )
    done = subprocess.run(["bash", "-c", f'{sys.executable} -c "{ask}" <&- >&- 2>&-'], cwd=tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "file").read_text() == ""
