"""What the server refuses: each time one sentence says what to send instead."""

from __future__ import annotations

import io
import json
import sys
import zlib

import numpy as np
import pytest
from PIL import Image
from requests_sent import CHUNKED, JSON, picture, read_all, send
from serving import answering, ask, pixels

CLOSED = b"Connection: close\r\n\r\n"
MOST_JSON = "the JSON body has more than 65536 bytes beside its image; send a picture"
NO_BASE64 = "image: is no base64; write the picture's file in base64, or a data: URL of it"


def bomb() -> bytes:
    """A PNG of some bytes that says it is 30000 x 30000."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + check

    size = (30_000).to_bytes(4, "big")
    header = size + size + bytes([8, 0, 0, 0, 0])
    parts = (
        chunk(b"IHDR", header),
        chunk(b"IDAT", zlib.compress(b"\0" * 100)),
        chunk(b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


WHAT_TO_SEND = (
    "send the bytes of a picture, as curl --data-binary @FILE does, or JSON with image or pixels"
)
AS_JSON = "sent with the header Content-Type: application/json; curl --json does so"


@pytest.mark.parametrize(
    ("body", "kind", "status", "sentence"),
    [
        (b"", "", 400, f"the body is empty: {WHAT_TO_SEND}"),
        (
            b"GIF89a",
            "image/gif",
            422,
            "the picture: not a picture (PNG, JPEG, TIFF, WebP, BMP, GIF, PNM)",
        ),
        (
            b"%PDF-1.7 ...",
            "application/pdf",
            422,
            "the picture: no picture, but a PDF; save its pages as PNG or TIFF",
        ),
        (
            b'{"image": "H4sIAAAA"}',
            JSON,
            422,
            "the picture: no picture, but packed with gzip; unpack it first",
        ),
        (b"x", "multipart/form-data", 415, f"the body is a form: {WHAT_TO_SEND}"),
        (b'{"image": "YQ=="}', "application/x-www-form-urlencoded", 415, f"JSON is {AS_JSON}"),
        (pixels(1), "", 415, f"JSON is {AS_JSON}"),
        (b' \r\n["', "text/json", 415, f"JSON is {AS_JSON}"),
        (b"\xef\xbb\xbf{", "text/plain", 415, f"JSON is {AS_JSON}"),
        (
            b"data:image/png;base64,iVBORw0KGgo=",
            "text/plain",
            415,
            f"a data: URL belongs into JSON, and JSON is {AS_JSON}",
        ),
        (b"[" * 60_000, JSON, 422, "the JSON body is nested too deeply"),
        (b"[" * 100_000, JSON, 413, MOST_JSON),
        (b"[0" + b", 0" * 2_000_000 + b"]", JSON, 413, MOST_JSON),
        (b'{"pixels": "' + b"1" * 100_000, JSON, 413, MOST_JSON),
        (b'["",' + b'"",' * 100_000, JSON, 413, MOST_JSON),
        (b'["' + b'\\"' * 100_000, JSON, 413, MOST_JSON),
        (b'{"image": "' + b"A" * 100_000 + b'"' + b" " * 100_000 + b"}", JSON, 413, MOST_JSON),
        (b'{"' + b"k" * 7_000_000 + b'": 1}', JSON, 422, 'the JSON body: "": unknown key; '),
        (
            b'{"' + b"k" * 60_000 + b'": 1}',
            JSON,
            422,
            f'the JSON body: "{60 * "k"}...": unknown key; give either image or pixels',
        ),
        (
            pixels(255).replace(b"255", b"1"),
            JSON,
            422,
            "the JSON body: pixels: the largest pixel is 1, and white is 255; "
            "multiply images of 0 and 1 by 255",
        ),
        (b"{}", JSON, 422, "the JSON body: give either image or pixels"),
        (
            b'{"picture": 1}',
            JSON,
            422,
            'the JSON body: "picture": unknown key; give either image or pixels',
        ),
        (b'{"image": "a"}', JSON, 422, NO_BASE64),
        (b'{"image": "YQ==YQ=="}', JSON, 422, NO_BASE64),
        (b'{"image": "Y!"}', JSON, 422, NO_BASE64),
        (b'{"image": "' + b"A" * 100_001 + b'"}', JSON, 422, NO_BASE64),
        (b'{"image": "data:image/png"}', JSON, 422, "image: a data: URL has a comma before its "),
        (b'{"image": "YQ=="}', JSON, 422, "the picture: not a picture (PNG, JPEG, TIFF, WebP, "),
        (bomb(), "image/png", 422, "the picture: "),
        (picture()[:200], "image/png", 422, "the picture: cannot be read: "),
    ],
)
def test_what_is_no_digit_is_refused_in_a_sentence(port, body, kind, status, sentence):
    reply = ask(port, "/predict", body, content_type=kind)
    assert list(reply.json) == ["error"]
    assert reply.json["error"].startswith(sentence)
    assert "\n" not in reply.json["error"]
    assert reply.status == status


def rows_of(**changes):
    """The JSON of white pixels, of which some rows, such as ``row_3``, are others."""
    rows = [[255] * 28 for _ in range(28)]
    for name, row in changes.items():
        rows[int(name[4:])] = row
    return json.dumps({"pixels": rows}).encode()


ROWS = "; write 28 rows of 28 whole numbers from 0 to 255"
BASE64 = "; write the picture's file in base64, or a data: URL of it"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"{", " is no JSON: expecting property name enclosed in double quotes (line 1, column 2)"),
        (b'{"image": "\\q"}', " is no JSON: invalid \\escape (line 1, column 12)"),
        (b'{"image": "\x01"}', " is no JSON: invalid control character (line 1, column 12)"),
        (b'{"image": "\xff"}', " is not in UTF-8 (byte 12)"),
        ('{"image": "YQ=="}'.encode("utf-16"), " is not in UTF-8 (byte 1)"),
        # A long image is read elsewhere than the rest.
        (
            b'{"image": "' + b"A" * 70_000 + b'\\q"}',
            ": its image is no JSON: invalid \\escape (line 1, column 70002)",
        ),
        (
            b'{"image": "' + b"A" * 70_000 + b'\n"}',
            ": its image is no JSON: invalid control character (line 1, column 70002)",
        ),
        (
            b'{"image": "' + b"A" * 70_000 + b'\xff"}',
            ": its image is not in UTF-8 (byte 70002)",
        ),
        (b"[]", " is a list; write an object with image or pixels"),
        (b"null", " is null; write an object with image or pixels"),
        (b'{"image": "YQ==", "image": "YQ=="}', ': "image" occurs twice; write it once'),
        (
            b'{"image": "YQ==", "image": "' + b"A" * 70_000 + b'"}',
            ': "image" occurs twice; write it once',
        ),
        (b'{"pixels": null, "pixels": []}', ': "pixels" occurs twice; write it once'),
        (b'{"image": "YQ==", "pixels": []}', ": give either image or pixels"),
        (b'{"image": null}', ": give either image or pixels"),
        (b'{"image": 3}', ": image is 3" + BASE64),
        (b'{"image": [1]}', ": image is a list" + BASE64),
        (b'{"pixels": []}', ": pixels has 0 rows" + ROWS),
        (b'{"pixels": [[0]]}', ": pixels has 1 row" + ROWS),
        (b'{"pixels": "0"}', ": pixels is a text" + ROWS),
        (b'{"pixels": {}}', ": pixels is an object" + ROWS),
        (rows_of(row_27=[0] * 27), ": pixels[27] has 27 numbers" + ROWS),
        (rows_of(row_3=[0]), ": pixels[3] has 1 number" + ROWS),
        (rows_of(row_3=0), ": pixels[3] is 0" + ROWS),
        (rows_of(row_0=[[0]] * 28), ": pixels[0][0] is a list" + ROWS),
        (rows_of(row_5=[0] * 27 + [256]), ": pixels[5][27] is 256" + ROWS),
        (rows_of(row_5=[-1] * 28), ": pixels[5][0] is -1" + ROWS),
        (rows_of(row_5=[0.5] * 28), ": pixels[5][0] is 0.5" + ROWS),
        (rows_of(row_5=["7"] * 28), ": pixels[5][0] is a text" + ROWS),
        (rows_of(row_5=[None] * 28), ": pixels[5][0] is null" + ROWS),
        (rows_of(row_5=[True] * 28), ": pixels[5][0] is true" + ROWS),
        (rows_of(row_5=[float("nan")] * 28), ": pixels[5][0] is NaN" + ROWS),
        (rows_of(row_5=[float("inf")] * 28), ": pixels[5][0] is Infinity" + ROWS),
        (
            json.dumps({"pixels": [[0] * 28] * 28}).encode(),
            ": there is no digit in pixels: all are 0",
        ),
    ],
)
def test_json_that_is_no_digit_is_refused_in_words(port, body, sentence):
    reply = ask(port, "/predict", body, content_type=JSON)
    assert (reply.status, reply.json) == (422, {"error": f"the JSON body{sentence}"})


@pytest.mark.skipif(
    not hasattr(sys, "get_int_max_str_digits"), reason="this Python reads numbers of any length"
)
def test_a_number_that_python_does_not_read_is_refused_in_words(port):
    reply = ask(port, "/predict", b'{"pixels": ' + b"9" * 5000 + b"}", content_type=JSON)
    assert reply.json == {"error": "the JSON body has a number of too many digits"}


def test_whole_numbers_may_be_written_with_a_point(port):
    assert ask(port, "/predict", rows_of(row_5=[0.0, 7.0] * 14), content_type=JSON).status == 200


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/digits?label=7&label=1", "label: is given twice; write it once"),
        ("/digits?label=7&label=7", "label: is given twice; write it once"),
        ("/explain?label=7&label=1", "label: is given twice; write it once"),
        ("/explain?lable=7", '"lable": unknown parameter; write label=...'),
        ("/digits?label=7&tta=8", '"tta": unknown parameter; write label=...'),
        ("/predict?label=7", '"label": unknown parameter: there is none here'),
    ],
)
def test_a_parameter_is_never_passed_over(tmp_path, path, sentence):
    """Of two labels the last was taken, and a misspelt one left out, without a word."""
    with answering(store=tmp_path / "mine") as port:
        reply = ask(port, path, picture())
    assert (reply.status, reply.json) == (422, {"error": sentence})
    assert not list(tmp_path.glob("mine/train/*/*"))


def test_a_compressed_body_is_refused(port):
    reply = ask(port, "/predict", picture(), **{"Content-Encoding": "gzip"})
    assert reply.status == 415
    assert reply.json == {"error": 'the body is compressed, by "gzip"; send it as it is'}


def test_a_square_picture_larger_than_what_is_kept_is_answered(port):
    assert ask(port, "/predict", picture(size=(1200, 1200))).status == 200


def test_a_picture_without_a_digit_is_refused(port):
    file = io.BytesIO()
    Image.new("RGB", (50, 50), "white").save(file, "PNG")
    reply = ask(port, "/predict", file.getvalue())
    assert (reply.status, reply.json) == (422, {"error": "there is no digit in the picture"})


def test_paths_and_methods_that_are_not_there(port):
    reply = ask(port, "/nothing")
    assert reply.status == 404
    assert reply.json == {"error": 'there is no "/nothing" here; /openapi.json says what there is'}
    reply = ask(port, "/predict")
    assert reply.status == 405
    assert reply.headers["Allow"] == "POST"
    assert reply.json == {"error": '"/predict" does not take GET; /openapi.json says what it takes'}
    assert ask(port, "/../../etc/passwd").status == 404


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", 200),
        ("localhost:{port}", 200),
        ("digits.localhost", 200),
        ("192.168.1.7:{port}", 200),
        ("[::1]:{port}", 200),
        ("digits.example", 200),  # allowed below
        ("evil.example:{port}", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example", 421),
        ("[", 421),
    ],
)
def test_only_the_servers_own_names_are_answered(host, status):
    """A name can be made to mean another address while its page is open; an address cannot."""
    with answering(names=["Digits.example"]) as port:
        named = host.format(port=port)
        reply = ask(port, "/model", Host=named)
        assert reply.status == status
        if status == 421:
            assert reply.json == {
                "error": f'"{named}" is no name of this server; '
                "start it with --allow-host to allow it"
            }


def test_a_page_of_another_site_is_refused(port):
    for origin in ("http://evil.example", "null", "http://localhost:1", f"http://localhost:{port}"):
        reply = ask(port, "/predict", pixels(1), content_type=JSON, Origin=origin)
        assert reply.status == 403
        assert reply.json == {"error": "pages of other sites may not use this server"}
    own = f"http://127.0.0.1:{port}"
    assert ask(port, "/predict", pixels(1), content_type=JSON, Origin=own).status == 200


def test_a_body_that_is_too_long_is_refused(port):
    sentence = {"error": "the body has more than 8000000 bytes; send a smaller picture"}
    reply = ask(port, "/predict", bytes(8_000_001))
    assert (reply.status, reply.json) == (413, sentence)
    reply = ask(port, "/predict", iter([bytes(1_000_000)] * 9))
    assert (reply.status, reply.json) == (413, sentence)
    assert ask(port, "/predict", bytes(8_000_000)).status == 422  # no picture, but no longer


@pytest.mark.parametrize("path", ["/predict", "/nowhere", "/model"])
def test_who_sends_far_too_much_reads_why(port, path):
    status = {"/predict": 413, "/nowhere": 404, "/model": 405}[path]
    text = b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000000\r\n"
    with send(port, text % path.encode() + CLOSED) as connection:
        for _ in range(60):
            connection.sendall(bytes(1_000_000))
        assert connection.recv(65536).startswith(b"HTTP/1.1 %d " % status)


def test_who_asks_before_it_sends_too_much_is_told_at_once(port):
    text = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000000\r\n"
    with send(port, text + b"Expect: 100-continue\r\n" + CLOSED) as connection:
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_a_body_that_never_ends_is_not_read_for_ever():
    with answering(refused_bytes=10_000_000) as port:
        megabytes = (b"100000\r\n" + bytes(0x100000) + b"\r\n") * 20
        with send(port, CHUNKED[:-2] + CLOSED) as connection, pytest.raises(ConnectionError):
            connection.sendall(megabytes * 10)


@pytest.mark.parametrize("inverted", [False, True])
def test_pixels_that_are_dark_on_light_are_told(port, inverted):
    image = np.zeros((28, 28), np.uint8)
    image[8:20, 12:16] = 255
    sent = {"pixels": (255 - image if inverted else image).tolist()}
    reply = ask(port, "/predict", json.dumps(sent).encode(), content_type=JSON)
    assert reply.json["inverted"] is inverted


def test_a_length_that_is_none_is_refused(port):
    text = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n"
    assert read_all(send(port, text)).startswith(b"HTTP/1.1 400 ")
