"""How much and how fast the server answers: many at once, slow ones, broken ones."""

from __future__ import annotations

import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hostile_pictures import grey_of_254, many_scans
from requests_sent import CHUNKED, JSON, picture, read_all, send
from serving import answering, ask, first_pixel, pixels
from waiting import until


def test_concurrent_requests_get_their_own_answers_in_batches():
    sizes, go = [], threading.Event()

    def held(images):
        sizes.append(len(images))
        assert go.wait(300)
        return first_pixel(images)

    with answering(held, most=16) as port, ThreadPoolExecutor(40) as clients:
        firsts = [n % 10 for n in range(200)]
        replies = clients.map(lambda n: ask(port, "/predict", pixels(n), content_type=JSON), firsts)
        until("40 requests wait", lambda: ask(port, "/healthz").json["requests"] >= 40)
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
        until("3 requests wait", lambda: ask(port, "/healthz").json["requests"] >= 3)
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

        def refused():  # the first is refused, if the second is faster
            with send(port, part + bytes(880_000)):
                reply = ask(port, "/predict", bytes(300_000))
                assert ask(port, "/predict", pixels(1), content_type=JSON).status == 200
            return reply if reply.status == 503 else None

        reply = until("the second request is refused", refused)
        assert reply.json == {"error": "too many bytes of pictures at once; ask again soon"}
        until("the other is gone", lambda: ask(port, "/predict", bytes(300_000)).status != 503)


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
        until("4 pictures are read", lambda: ask(port, "/healthz").json["pictures"] >= 4)
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
        request = b"GET /model HTTP/1.0\r\nHost: localhost\r\n\r\n"
        until("the server notices that they have left", lambda: read_all(send(port, request)))


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
    until("no request is left", lambda: not ask(port, "/healthz").json["requests"])
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
