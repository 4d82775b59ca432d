"""The Unix sockets of a run on one machine: when there are any, their names, their ends."""

from __future__ import annotations

import stat

import pytest

from mxdigits.backends.team import sockets
from mxdigits.backends.team.sockets import (
    draw_sockets,
    for_its_owner_alone,
    remove_own_sockets,
    scheduler_socket,
    server_socket,
    socket_files,
    worker_socket,
)
from mxdigits.workers import FIRST_SOCKET, LAST_SOCKET, MOST, Workers


def worker(rank, count=3, servers=2, number=70000):
    return Workers(rank, count, "127.0.0.1:9000", "127.0.0.1", servers, number)


@pytest.mark.parametrize(
    ("addresses", "some"),
    [
        (["127.0.0.1"], True),
        (["::1", "127.0.0.2"], True),
        (["10.0.0.1"], False),
        (["127.0.0.1", "10.0.0.2"], False),
    ],
)
def test_sockets_are_for_one_machine(addresses, some):
    assert bool(draw_sockets(addresses)) == some


def test_where_none_can_be_made_there_are_none(tmp_path, monkeypatch):
    monkeypatch.setattr(sockets, "_FOLDER", tmp_path / "missing")
    assert draw_sockets(["127.0.0.1"]) == 0


def test_every_run_has_a_number_of_its_own_that_is_no_port():
    drawn = {draw_sockets(["127.0.0.1"]) for _ in range(100)}
    assert len(drawn) == 100
    assert all(FIRST_SOCKET <= number <= LAST_SOCKET for number in drawn)
    # MXNet reads each of them as a whole number of 32 bits with a sign.
    assert worker_socket(worker(MOST - 1, MOST, MOST, LAST_SOCKET)) < 1 << 31


def test_every_process_has_a_socket_of_its_own():
    ranks = [worker(rank) for rank in range(3)]
    numbers = [
        scheduler_socket(ranks[0]),
        *(server_socket(ranks[0], place) for place in range(2)),
        *map(worker_socket, ranks),
    ]
    assert [file.name for file in socket_files(ranks[1])] == [str(number) for number in numbers]
    assert len(set(numbers)) == len(numbers)
    assert socket_files(worker(0, number=0)) == []


@pytest.mark.parametrize(
    ("rank", "left"),
    [(0, ["70004", "70005"]), (1, ["70000", "70001", "70002", "70003", "70005"])],
)
def test_a_worker_removes_its_socket_and_the_first_those_of_the_companions(
    rank, left, tmp_path, monkeypatch
):
    monkeypatch.setattr(sockets, "_FOLDER", tmp_path)
    for file in socket_files(worker(rank)):
        file.touch()
    for _ in range(2):  # it may be gone already
        remove_own_sockets(worker(rank))
        assert sorted(file.name for file in tmp_path.iterdir()) == left
    remove_own_sockets(worker(rank, number=0))


def test_what_is_made_for_its_owner_is_for_nobody_else(tmp_path):
    with for_its_owner_alone():
        (tmp_path / "own").touch()
    (tmp_path / "other").touch()
    own, other = ((tmp_path / name).stat().st_mode for name in ("own", "other"))
    assert stat.S_IMODE(own) == 0o600
    assert other != own
