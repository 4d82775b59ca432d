"""What the server answers, over real sockets, before a network that needs no MXNet."""

from __future__ import annotations

import base64
import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from requests_sent import CHUNKED, JSON, picture, read_all, send
from serving import answering, ask, first_pixel, pixels
from waiting import until

from mxdigits.predict.occlusion import occlusion


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

        def refused():
            reply = ask(port, "/model")
            return reply if reply.status == 429 else None

        reply = until("so many requests that one is refused", refused, pause=0)
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
