"""The server over real sockets, before a network that needs no MXNet."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import socket
import sys
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from hostile_pictures import grey_of_254, many_scans
from jsonschema import Draft202012Validator
from PIL import Image, ImageDraw
from serving import answering, ask, first_pixel, pixels

from mxdigits import load_dataset
from mxdigits.predict.occlusion import occlusion

JSON = "application/json"
CLOSED = b"Connection: close\r\n\r\n"
CHUNKED = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
MOST_JSON = "the JSON body has more than 65536 bytes beside its image; send a picture"
NO_BASE64 = "image: is no base64; write the picture's file in base64, or a data: URL of it"


def picture(form="PNG", size=(60, 80)) -> bytes:
    image = Image.new("RGB" if size[0] > 60 else "L", size, "white")
    ImageDraw.Draw(image).line([(15, 15), (45, 15), (25, 65)], fill=0, width=8)
    file = io.BytesIO()
    image.save(file, form)
    return file.getvalue()


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


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    with answering(store=tmp_path_factory.mktemp("store")) as started:
        yield started


def send(port: int, text: bytes) -> socket.socket:
    """A connection on which so much has been sent."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.sendall(text)
    return connection


def read_all(connection: socket.socket) -> bytes:
    """What comes until the server closes; b"" where it closes without a word."""
    with connection:
        found = b""
        try:
            while piece := connection.recv(65536):
                found += piece
        except ConnectionResetError:
            pass
        return found


# What it answers


def test_a_picture_is_answered(port):
    for form in ("PNG", "JPEG", "BMP"):
        reply = ask(port, "/predict", picture(form), content_type=f"image/{form.lower()}")
        assert reply.status == 200
        parts = ["answer", "confidence", "probabilities", "pixels", "more_pages", "digits"]
        assert list(reply.json) == [*parts, "inverted"]
        assert reply.json["more_pages"] is False
        assert reply.json["answer"] == "0"
        assert reply.json["confidence"] == pytest.approx(0.91, abs=0.01)
        assert list(reply.json["probabilities"]) == list("0123456789")
        found = np.array(reply.json["pixels"])
        assert found.shape == (28, 28)
        assert found.max() > 200
        assert not found[0].any()


@pytest.mark.parametrize("size", [(1000, 1000), (1001, 999), (3000, 3000), (4000, 300), (1, 1)])
def test_a_picture_of_any_size_is_read(port, size):
    reply = ask(port, "/predict", picture(size=size))
    if size == (1, 1):
        assert (reply.status, reply.json) == (422, {"error": "there is no digit in the picture"})
    else:
        assert (reply.status, reply.json.get("answer")) == (200, "0")


BASE64 = base64.b64encode(picture()).decode()
LARGE64 = base64.b64encode(picture("BMP", (160, 200))).decode()


@pytest.mark.parametrize(
    "sent",
    [
        json.dumps({"image": BASE64}),
        json.dumps({"image": BASE64.rstrip("=")}),
        json.dumps({"image": BASE64.replace("+", "-").replace("/", "_")}),
        json.dumps({"image": "\r\n".join(re.findall(".{1,76}", BASE64))}),
        json.dumps({"image": f"data:image/png;base64,{BASE64}"}),
        json.dumps({"image": f"data:image/png;name=a.png;base64,{quote(BASE64, safe='')}"}),
        json.dumps({"image": f"DATA:;BASE64,{BASE64}"}),
        json.dumps({"image": f"data:image/png,{quote(picture())}"}),
        json.dumps({"image": BASE64}).replace("/", "\\/"),  # as PHP writes it
        json.dumps({"image": BASE64}).replace("+", "\\u002B"),  # as .NET does
        json.dumps({"image": None, "pixels": None, "image": BASE64}, indent=8),  # noqa: F601
    ],
)
def test_a_picture_in_json_is_the_same_picture(port, sent):
    reply = ask(port, "/predict", sent, content_type=f"{JSON}; charset=utf-8")
    assert reply.json == ask(port, "/predict", picture()).json


@pytest.mark.parametrize(
    "form", ['{{"image": "{}"}}', '{{"pixels": null, "image": "data:;base64,{}"}}']
)
def test_a_large_picture_in_json_is_the_same_picture(port, form):
    sent = form.format(LARGE64)
    assert len(sent) > 65536
    for body in (sent, sent.replace("/", "\\/")):
        reply = ask(port, "/predict", body, content_type=JSON)
        assert reply.json == ask(port, "/predict", picture("BMP", (160, 200))).json


def test_pixels_go_to_the_network_as_they_are(port):
    reply = ask(port, "/predict", pixels(207), content_type=JSON)
    assert reply.json["answer"] == "7"
    assert reply.json["pixels"] == json.loads(pixels(207))["pixels"]


def bright_below(images):
    """A network that takes what is bright in its lower half for a 1, and all else for a 0."""
    light = images[:, 14:].mean(axis=(1, 2)) / 255
    prob = np.full((len(images), 10), 0.001, np.float32)
    prob[:, 1] = 0.05 + 0.9 * light
    prob[:, 0] = 0.992 - prob[:, 1]
    return prob


def test_an_answer_is_explained(port):
    rows = [[200] * 28 for _ in range(28)]
    body = json.dumps({"pixels": rows})
    with answering(bright_below) as bright:
        reply = ask(bright, "/explain", body, content_type=JSON)
        other = ask(bright, "/explain?label=0", body, content_type=JSON)
    assert (reply.status, reply.json["label"], reply.json["pixels"]) == (200, "1", rows)
    evidence = np.array(reply.json["evidence"])
    assert evidence.shape == (28, 28)
    assert (evidence[19:] > 0).all()
    assert not evidence[:10].any()

    def logits(images):
        return np.log(bright_below(images[:, 0]))

    image = np.full((1, 28, 28), 200, np.uint8)
    for each, label in ((reply, 1), (other, 0)):
        expected = occlusion(logits, image, label, step=2).evidence
        np.testing.assert_allclose(each.json["evidence"], expected, atol=1e-4)
    assert other.json["label"] == "0"
    assert ask(port, "/explain", picture()).json["label"] == "0"
    refused = ask(port, "/explain?label=x", picture())
    assert (refused.status, refused.json) == (
        422,
        {"error": "label: write one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9"},
    )


def test_only_so_many_explanations_are_made_at_once():
    begun, going = threading.Event(), threading.Event()

    def slow(images):
        begun.set()
        assert going.wait(300)
        return first_pixel(images)

    with answering(slow, explanations=1) as port, ThreadPoolExecutor(1) as pool:
        first = pool.submit(ask, port, "/explain", pixels(3), content_type=JSON)
        assert begun.wait(300)
        second = ask(port, "/explain", pixels(3), content_type=JSON)
        going.set()
        assert (second.status, second.json) == (
            503,
            {"error": "too many explanations at once; ask again soon"},
        )
        assert first.result().status == 200


def test_the_page_comes_with_a_policy_that_names_its_own_scripts(port):
    reply = ask(port, "/")
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = reply.headers["Content-Security-Policy"]
    assert re.fullmatch(
        r"default-src 'none'; script-src( 'sha256-[\w+/]{43}='){2}; "
        r"style-src 'sha256-[\w+/]{43}='; img-src data:; base-uri 'none'; form-action 'none'; "
        r"require-trusted-types-for 'script'; connect-src 'self'; frame-ancestors 'none'",
        policy,
    )
    page = reply.body.decode()
    assert page.count("<script") == 2
    assert page.count("<style") == 1
    assert not re.search(r"\b(style|on[a-z]+)=", page.partition("<script>")[0])
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", page)


def test_every_answer_is_guarded(port):
    for path in ("/", "/healthz", "/nothing", "/predict"):
        headers = ask(port, path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "server" not in headers
        assert "access-control-allow-origin" not in headers


def test_health_and_model(port):
    assert ask(port, "/healthz").json == {"status": "ok", "requests": 0, "pictures": 0}
    assert ask(port, "/model").json == {
        "name": "a/run",
        "classes": list("0123456789"),
        "keeps_digits": True,
        "limits": {"bytes": 8_000_000, "pixels": 16_000_000},
    }


def test_the_description_names_what_is_there(port):
    described = ask(port, "/openapi.json").json
    assert described["openapi"] == "3.1.0"
    assert sorted(described["paths"]) == [
        *("/", "/digits", "/explain", "/healthz", "/model", "/openapi.json", "/predict"),
    ]
    assert sorted(described["components"]["schemas"]) == [
        *("Answer", "Explained", "Health", "Kept", "Model", "ModelLimits", "Problem", "SentJson"),
    ]
    with answering() as without_store:
        described = ask(without_store, "/openapi.json").json
    assert "/digits" not in described["paths"]
    assert "Kept" not in described["components"]["schemas"]


def operations(described):
    """Every path, its method and what is said of it."""
    return [
        (path, method, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_answer_is_as_described(tmp_path):
    """The pydantic models that answer are those that describe; this asks whether it shows."""
    limits = {"body_bytes": 100_000, "body_seconds": 0.5, "stored": 1, "rate": 100}
    with answering(store=tmp_path, **limits) as port:
        described = ask(port, "/openapi.json").json
        bodies = [
            (None, ""),
            (b"", ""),
            (b"x", "multipart/form-data"),
            (b"no picture", ""),
            (bytes(100_001), ""),
            (pixels(1), JSON),
            (pixels(2), JSON),
            (b'{"pixels": 1}', JSON),
            (picture(), "image/png"),
        ]
        kinds = [{}, {"Host": "evil.example"}, {"Origin": "http://evil.example"}]
        seen = {
            (
                path,
                method,
                checked(
                    described,
                    operation,
                    ask(port, path + query, body, method.upper(), content_type=kind, **headers),
                ),
            )
            for path, method, operation in operations(described)
            for query in ("", "?label=3")
            for body, kind in (bodies if method == "post" else bodies[:1])
            for headers in kinds
        }
        slow = CHUNKED + b"5\r\n"
        assert read_all(send(port, slow)).startswith(b"HTTP/1.1 408 ")
        while (reply := ask(port, "/model")).status != 429:
            pass
        checked(described, described["paths"]["/model"]["get"], reply)
    statuses = {
        path: sorted({status for each, _, status in seen if each == path}) for path, _, _ in seen
    }
    assert statuses == {
        "/": [200, 421],
        "/predict": [200, 400, 403, 413, 415, 421, 422],
        "/explain": [200, 400, 403, 413, 415, 421, 422],
        "/digits": [201, 400, 403, 413, 415, 421, 422, 507],
        "/model": [200, 421],
        "/healthz": [200, 421],
        "/openapi.json": [200, 421],
    }


def checked(described, operation, reply) -> int:
    """The status of a reply, which fits its own schema."""
    answer = operation["responses"][str(reply.status)]
    ((kind, content),) = answer["content"].items()
    assert reply.headers["Content-Type"].partition(";")[0] == kind
    if kind == JSON:
        schema = {**content["schema"], "components": described["components"]}
        Draft202012Validator.check_schema(schema)
        Draft202012Validator(schema).validate(reply.json)
    return reply.status


def test_the_schemas_refuse_what_is_no_answer(port):
    described = ask(port, "/openapi.json").json
    good = ask(port, "/predict", pixels(3), content_type=JSON).json
    ref = described["paths"]["/predict"]["post"]["responses"]["200"]["content"][JSON]["schema"]
    schema = Draft202012Validator({**ref, "components": described["components"]})
    assert schema.is_valid(good)
    for wrong in (
        {**good, "answer": "ten"},
        {**good, "confidence": 1.5},
        {**good, "pixels": good["pixels"][:27]},
        {**good, "probabilities": {"0": 1.0}},
        {**good, "more": 1},
        {name: good[name] for name in ("answer", "confidence", "probabilities")},
    ):
        assert not schema.is_valid(wrong)
    sent = described["components"]["schemas"]["SentJson"]
    assert sorted(sent["properties"]) == ["image", "pixels"]


# What it refuses


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
        (b"{", JSON, 422, "the JSON body: Invalid JSON: EOF while parsing an object at "),
        (b"[" * 60_000, JSON, 422, "the JSON body: Invalid JSON: recursion limit exceeded at "),
        (b"[" * 100_000, JSON, 413, MOST_JSON),
        (b"[0" + b", 0" * 2_000_000 + b"]", JSON, 413, MOST_JSON),
        (b'{"pixels": "' + b"1" * 100_000, JSON, 413, MOST_JSON),
        (b'["",' + b'"",' * 100_000, JSON, 413, MOST_JSON),
        (b'["' + b'\\"' * 100_000, JSON, 413, MOST_JSON),
        (b'{"image": "' + b"A" * 100_000 + b'"' + b" " * 100_000 + b"}", JSON, 413, MOST_JSON),
        (b'{"' + b"k" * 7_000_000 + b'": 1}', JSON, 422, "the JSON body: unknown key; "),
        (
            b'{"' + b"k" * 60_000 + b'": 1}',
            JSON,
            422,
            f'the JSON body: "{60 * "k"}...": unknown key; give either image or pixels',
        ),
        (b"[]", JSON, 422, "the JSON body: must be an object"),
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
        (
            b'{"pixels": [[0]]}',
            JSON,
            422,
            'the JSON body: "pixels.0": List should have at least 28 ',
        ),
        (
            pixels(255).replace(b"255", b"256"),
            JSON,
            422,
            'the JSON body: "pixels.0.0": must be less than or equal to 255',
        ),
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
    assert reply.json == {"error": '"/predict" is not asked with GET; /openapi.json says how'}
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
        assert reply.json == {"error": "a page of another site may not ask this server"}
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


# How much, how fast


def test_concurrent_requests_get_their_own_answers_in_batches():
    sizes, go = [], threading.Event()

    def held(images):
        sizes.append(len(images))
        assert go.wait(300)
        return first_pixel(images)

    with answering(held, most=16) as port, ThreadPoolExecutor(40) as clients:
        firsts = [n % 10 for n in range(200)]
        replies = clients.map(lambda n: ask(port, "/predict", pixels(n), content_type=JSON), firsts)
        while ask(port, "/healthz").json["requests"] < 40:
            time.sleep(0.01)
        go.set()
        assert [reply.json["answer"] for reply in replies] == list(map(str, firsts))
    assert max(sizes) == 16
    assert set(sizes) <= {1, 2, 4, 8, 16}


def test_too_many_at_once_are_told_to_come_back():
    go, begun = threading.Event(), threading.Event()

    def held(images):
        begun.set()
        go.wait(300)
        return first_pixel(images)

    with answering(held, requests=3) as port, ThreadPoolExecutor(3) as clients:
        waiting = [
            clients.submit(ask, port, "/predict", pixels(n), content_type=JSON) for n in range(3)
        ]
        begun.wait(300)
        while ask(port, "/healthz").json["requests"] < 3:
            time.sleep(0.01)
        reply = ask(port, "/predict", pixels(4), content_type=JSON)
        assert reply.status == 503
        assert reply.headers["Retry-After"] == "1"
        assert reply.json == {"error": "too many requests at once; ask again soon"}
        assert ask(port, "/").status == 200
        go.set()
        assert [reply.result().status for reply in waiting] == [200] * 3


def test_too_many_bytes_at_once_are_told_to_come_back():
    part = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\n"
    with answering(bodies_bytes=1_000_000) as port:
        status = 0
        while status != 503:  # else the first is refused, if the second is faster
            with send(port, part + bytes(880_000)):
                reply = ask(port, "/predict", bytes(300_000))
                status = reply.status
                assert ask(port, "/predict", pixels(1), content_type=JSON).status == 200
        assert reply.json == {"error": "too many bytes of pictures at once; ask again soon"}
        while ask(port, "/predict", bytes(300_000)).status == 503:  # until the other is gone
            time.sleep(0.01)


def test_an_address_may_ask_so_often():
    with answering(rate=0.01) as port:
        assert ask(port, "/model").status == 200
        reply = ask(port, "/model")
        assert reply.status == 429
        assert 1 <= int(reply.headers["Retry-After"]) <= 100
        assert reply.json == {
            "error": "more than 0.01 requests a second from one address; ask again soon"
        }
        assert ask(port, "/healthz").status == 200


def test_slow_clients_are_sent_away_while_others_are_answered():
    header = b"POST /predict HTTP/1.1\r\nHost: localhost\r\n"
    with answering(body_seconds=2, idle_seconds=2, requests=2) as port:
        silent = [send(port, b"") for _ in range(20)]
        half = [send(port, header) for _ in range(20)]
        slow = [send(port, header + b"Content-Length: 10\r\n\r\n123") for _ in range(20)]
        assert ask(port, "/predict", pixels(5), content_type=JSON).json["answer"] == "5"
        assert {read_all(connection) for connection in (*silent, *half)} == {b""}
        for connection in slow:
            reply = read_all(connection)
            assert reply.startswith(b"HTTP/1.1 408 ")
            assert reply.endswith(b'{"error":"the body took longer than 2 seconds"}')


@pytest.mark.parametrize("make", [many_scans, grey_of_254])
def test_a_picture_that_takes_too_long_is_ended(make):
    with answering(picture_seconds=1, body_bytes=17_000_000) as port:
        reply = ask(port, "/predict", make())
        assert (reply.status, reply.json) == (
            422,
            {"error": "the picture: takes too long to read; save it anew as PNG, or smaller"},
        )
        assert ask(port, "/predict", picture()).status == 200


def test_others_are_answered_while_pictures_keep_readers_busy():
    hostile = many_scans()
    limits = {"share": 0.5, "pictures": 8, "picture_seconds": 60}
    with ThreadPoolExecutor(4) as clients, answering(**limits) as port:
        busy = [clients.submit(ask, port, "/predict", hostile) for _ in range(4)]
        while ask(port, "/healthz").json["pictures"] < 4:
            time.sleep(0.01)
        reply = ask(port, "/predict", picture())
        assert (reply.status, reply.json) == (
            503,
            {"error": "too many pictures from one address at once; ask again soon"},
        )
        assert ask(port, "/predict", pixels(3), content_type=JSON).json["answer"] == "3"
        assert ask(port, "/predict", picture(), source="127.0.0.2").status == 200
        assert ask(port, "/healthz").json["status"] == "ok"
        assert not any(each.done() for each in busy)


def test_readers_that_do_not_start_are_told_of(capfd, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    why = "cannot start a process to read files in: No such file or directory"
    with answering() as port:
        assert ask(port, "/healthz").status == 200
        reply = ask(port, "/predict", picture())
        assert (reply.status, reply.headers["Retry-After"]) == (503, "10")
        assert reply.json == {"error": "no pictures can be read; the server's log says why"}
        reply = ask(port, "/healthz")
        assert (reply.status, reply.json) == (503, {"error": f"no pictures are read: {why}"})
        assert ask(port, "/predict", pixels(3), content_type=JSON).json["answer"] == "3"
    assert capfd.readouterr().err == f"ERROR:    {why}\n"


def test_one_address_never_has_all_connections():
    with answering(connections=8, share=0.5) as port:
        held = [send(port, b"") for _ in range(4)]
        assert read_all(send(port, b"GET /model HTTP/1.1\r\nHost: localhost\r\n\r\n")) == b""
        assert ask(port, "/model", source="127.0.0.2").status == 200
        for connection in held:
            connection.close()


def test_connections_beyond_the_limit_are_closed():
    with answering(connections=5) as port:
        held = [send(port, b"") for _ in range(5)]
        assert read_all(send(port, b"GET /model HTTP/1.1\r\nHost: localhost\r\n\r\n")) == b""
        for connection in held:
            connection.close()
        while not read_all(send(port, b"GET /model HTTP/1.0\r\nHost: localhost\r\n\r\n")):
            time.sleep(0.01)  # it has yet to notice that they have left


def test_an_answer_that_takes_too_long_is_given_up():
    go = threading.Event()

    def held(images):
        go.wait(300)
        return first_pixel(images)

    with answering(held, request_seconds=0.2) as port:
        reply = ask(port, "/predict", pixels(1), content_type=JSON)
        assert (reply.status, reply.headers["Retry-After"]) == (503, "5")
        assert reply.json == {"error": "the answer took too long; ask again later"}
        go.set()


def test_requests_that_are_broken_off_leave_nothing_behind(port):
    body = pixels(3)
    head = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    whole = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    for length in range(1, len(whole), 97):
        send(port, whole[:length]).close()
    for _ in range(50):
        send(port, whole).close()
    while ask(port, "/healthz").json["requests"]:
        time.sleep(0.01)
    assert ask(port, "/predict", body, content_type=JSON).json["answer"] == "3"


@pytest.mark.parametrize(
    "text",
    [
        *(
            b"\0\0\0\0\r\n\r\n",
            b"GET\r\n\r\n",
            b"GET / HTTP/1.1\r\n\r\n",
            b"GET /\xff HTTP/1.1\r\n\r\n",
        ),
        *(b"GET / HTTP/1.1\r\nHost: localhost\r\nA: " + b"a" * 100_000, CHUNKED + b"no length\r\n"),
    ],
)
def test_what_is_no_http_is_refused_as_all_else_is(port, text):
    head, _, body = read_all(send(port, text)).partition(b"\r\n\r\n")
    status, *headers = head.decode().splitlines()
    assert status == "HTTP/1.1 400 Bad Request"
    assert {"content-type: application/json", "x-content-type-options: nosniff"} <= {
        line.lower() for line in headers
    }
    assert json.loads(body) == {"error": "Invalid HTTP request received."}
    assert ask(port, "/healthz").status == 200


def test_a_network_that_fails_is_an_error_of_the_server(capfd):
    def broken(images):
        raise RuntimeError("no such operator")

    with answering(broken) as port:
        for _ in range(2):
            reply = ask(port, "/predict", pixels(1), content_type=JSON)
            assert (reply.status, reply.json) == (
                500,
                {"error": "the server failed; its log says how"},
            )
        assert ask(port, "/healthz").status == 200
    assert "RuntimeError: no such operator" in capfd.readouterr().err


# The store


def test_a_digit_is_kept_under_its_label(tmp_path):
    with answering(store=tmp_path / "mine") as port:
        reply = ask(port, "/digits?label=4", picture())
        assert reply.status == 201
        kept = Path(reply.json["path"])
        assert reply.json == {
            "label": "4",
            "path": f"train/4/{kept.name}",
            "count": 1,
            "more_pages": False,
        }
        given = Image.open(io.BytesIO(picture()))
        assert (
            np.asarray(Image.open(tmp_path / "mine" / kept)).tolist() == np.asarray(given).tolist()
        )
        assert re.fullmatch(r"[0-9a-f]{20}\.png", kept.name)
        assert ask(port, "/digits?label=4", picture()).json["count"] == 1
        assert ask(port, "/digits?label=7", picture()).json == {
            "label": "7",
            "path": f"train/7/{kept.name}",
            "count": 1,
            "more_pages": False,
        }
    files = [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")]
    assert files == [f"mine/train/7/{kept.name}"]


def test_training_makes_of_a_kept_digit_what_the_network_received(tmp_path):
    received = []
    with answering(store=tmp_path) as port:
        for size in ((60, 80), (280, 280), (1500, 2000)):
            drawn = Image.open(io.BytesIO(picture())).resize(size).convert("RGB")
            file = io.BytesIO()
            drawn.save(file, "PNG")
            assert ask(port, "/digits?label=4", file.getvalue()).status == 201
            received.append(ask(port, "/predict", file.getvalue()).json["pixels"])
        bar = [[255 * (12 <= x < 15 and 4 <= y < 24) for x in range(28)] for y in range(28)]
        body = json.dumps({"pixels": bar}).encode()
        assert ask(port, "/digits?label=7", body, content_type=JSON).status == 201
    trained = load_dataset("folder", {"path": str(tmp_path)})
    assert trained.classes == tuple("0123456789")
    images = np.concatenate([trained.train.images, trained.test.images])[:, 0]
    labels = np.concatenate([trained.train.labels, trained.test.labels])
    assert sorted(labels) == [4, 4, 4, 7]
    for image in received:
        nearest = np.abs(images.astype(int) - image).max(axis=(1, 2)).min()
        assert nearest <= 4


def test_of_several_pages_the_first_is_read(tmp_path):
    first = Image.open(io.BytesIO(picture()))
    file = io.BytesIO()
    first.save(file, "TIFF", save_all=True, append_images=[Image.new("L", (5, 5))])
    with answering(store=tmp_path) as port:
        several, one = (ask(port, "/predict", body).json for body in (file.getvalue(), picture()))
        assert several == {**one, "more_pages": True}
        kept = [
            ask(port, "/digits?label=4", body).json["more_pages"]
            for body in (file.getvalue(), picture())
        ]
        assert kept == [True, False]


def test_a_digit_that_cannot_be_moved_keeps_its_label(tmp_path, capfd, monkeypatch):
    with answering(store=tmp_path) as port:
        old = ask(port, "/digits?label=4", picture()).json
        with monkeypatch.context() as patched:
            patched.setattr(os, "replace", _refuse)
            reply = ask(port, "/digits?label=7", picture())
        assert reply.status == 507
        assert reply.json == {"error": "the digit keeps its old label; the server's log says why"}
        assert ask(port, "/digits?label=4", picture()).json == old
        assert ask(port, "/digits?label=7", picture()).json["count"] == 1
    assert ": Permission denied\n" in capfd.readouterr().err


def _refuse(*_):
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize("label", ["", "10", "..", "../../7", "%2e%2e", "7/..", "7%00"])
def test_a_label_that_is_no_class_is_refused(tmp_path, label):
    with answering(store=tmp_path / "mine") as port:
        reply = ask(port, f"/digits?label={label}", picture())
    assert reply.status == 422
    assert reply.json == {"error": "label: write one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9"}
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_without_a_store_nothing_is_kept():
    with answering() as port:
        reply = ask(port, "/digits?label=4", picture())
    assert reply.status == 404
    assert reply.json == {"error": "no digits are kept here: start the server with --store DIR"}


def test_a_full_store_takes_no_more(tmp_path):
    with answering(store=tmp_path, stored=1) as port:
        assert ask(port, "/digits?label=4", pixels(4), content_type=JSON).status == 201
        reply = ask(port, "/digits?label=5", pixels(5), content_type=JSON)
    assert reply.status == 507
    assert reply.json == {"error": "the store holds its 1 digits; it is full"}


def test_a_store_that_cannot_be_written_is_an_error_of_the_server(tmp_path, capfd):
    with answering(store=tmp_path / "mine") as port:
        os.rename(tmp_path / "mine", tmp_path / "moved")
        reply = ask(port, "/digits?label=4", picture())
    assert reply.status == 507
    assert reply.json == {"error": "the digit could not be written; the server's log says why"}
    assert f"cannot write {tmp_path / 'mine' / 'train' / '4'}" in capfd.readouterr().err
