"""The server holds no more connections than there are files, and is not drowned by the rest."""

from __future__ import annotations

import errno
import http.client
import json
import os
import resource
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from serving import answering, ask, pixels
from waiting import until

from mxdigits.errors import SetupError
from mxdigits.serve import open_files
from mxdigits.serve.open_files import Shortages, allow_connections

JSON = "application/json"


def allowed(soft: int, hard: int, wanted: int = 800) -> dict:
    """What a process with such limits comes to."""
    code = f"""
import json, os, resource
from mxdigits.errors import SetupError
from mxdigits.serve.open_files import allow_connections
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
said, room, refused = [], 0, ""
try:
    room = allow_connections({wanted}, said.append)
except SetupError as error:
    refused = str(error)
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
print(json.dumps([room, limit, said, refused]))
"""
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True)
    return dict(zip(["room", "limit", "said", "refused"], json.loads(done.stdout)))


def test_the_limit_is_raised_for_as_many_as_are_wanted():
    found = allowed(64, 4096)
    assert (found["room"], found["said"], found["refused"]) == (800, [], "")
    assert 800 < found["limit"] < 1024


def test_a_limit_that_is_high_enough_stays():
    assert allowed(2000, 4096)["limit"] == 2000


def test_where_it_cannot_be_raised_there_are_fewer_connections():
    found = allowed(100, 256)
    assert (found["limit"], found["refused"]) == (256, "")
    assert 50 < found["room"] < 256
    assert found["said"] == [
        f"at most {found['room']} connections at once, not 800: only 256 files may be open"
    ]


def test_where_there_are_too_few_for_one_it_is_refused():
    found = allowed(100, 100)
    assert found["room"] == 0
    begin, _, end = found["refused"].partition(", and needs more than ")
    needed, _, end = end.partition("; ")
    assert begin == "the server may open 100 files"
    assert end == f"allow it more first: ulimit -n {int(needed) + 800}"


def test_no_limit_at_all(monkeypatch):
    unlimited = (resource.RLIM_INFINITY,) * 2
    monkeypatch.setattr(open_files.resource, "getrlimit", lambda which: unlimited)
    assert allow_connections(5, pytest.fail) == 5


def test_a_limit_that_may_not_be_raised(monkeypatch):
    def refuse(which, limits):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(open_files.resource, "getrlimit", lambda which: (20, 4096))
    monkeypatch.setattr(open_files.resource, "setrlimit", refuse)
    with pytest.raises(SetupError):
        allow_connections(5, pytest.fail)


class Loop:
    """An event loop that only remembers what it was to handle."""

    def __init__(self):
        self.handled = []

    def default_exception_handler(self, context):
        self.handled.append(context)


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])
def test_a_shortage_is_said_once_a_minute(caplog, number):
    times = iter([0.0, 0.0, 30.0, 59.9, 60.1, 60.1])
    loop, handler = Loop(), Shortages(lambda: next(times))
    for _ in range(4):
        handler(loop, {"exception": OSError(number, os.strerror(number))})
    why = f"connections have to wait: {os.strerror(number)} (said once a minute)"
    assert [each.getMessage() for each in caplog.records] == [why, why]
    assert loop.handled == []


@pytest.mark.parametrize("error", [OSError(errno.EPIPE, "Broken pipe"), ValueError("x"), None])
def test_whatever_else_fails_is_told_as_ever(error):
    loop, context = Loop(), {"message": "it failed", "exception": error}
    Shortages()(loop, context)
    assert loop.handled == [context]


def test_connections_by_the_hundred_are_closed_and_one_that_comes_later_is_answered():
    with answering(connections=20) as port:
        flood = [socket.create_connection(("127.0.0.1", port)) for _ in range(300)]
        closed = sum(_is_closed(each) for each in flood[20:])
        assert closed == 280
        for each in flood:
            each.close()
        with ThreadPoolExecutor(5) as clients:
            replies = clients.map(lambda n: _answer(port, n), range(20))
            assert list(replies) == [str(n % 10) for n in range(20)]


def _is_closed(connection: socket.socket) -> bool:
    connection.settimeout(30)
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def _answer(port: int, n: int) -> str:
    """The server's answer, also if it has yet to notice that others have left."""

    def answer():
        try:
            return ask(port, "/predict", pixels(n % 10), content_type=JSON).json["answer"]
        except (ConnectionError, http.client.HTTPException):
            return None

    return until("the server answers", answer)
