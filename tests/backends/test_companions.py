"""The helper processes that workers need beside them."""

from __future__ import annotations

import sys

import pytest

from mxdigits.backends.mxnet.team import companion
from mxdigits.backends.team.companions import companions, parameter_server
from mxdigits.errors import MXNetMissing
from mxdigits.workers import ALONE, Workers

FIRST = Workers(0, 4, "10.0.0.1:9000", "10.0.0.1", servers=2)
SECOND = Workers(1, 4, "10.0.0.1:9000", "10.0.0.2", servers=2)


@pytest.mark.parametrize(
    ("backend", "workers", "names"),
    [
        ("mxnet", FIRST, ["scheduler", "server 0", "server 1"]),
        ("mxnet", SECOND, []),
        ("mxnet", ALONE, []),
        ("xla", FIRST, []),
        ("torch", FIRST, []),
    ],
)
def test_the_companions_of_a_worker(backend, workers, names):
    assert [each.name for each in companions(backend, workers)] == names


def test_a_scheduler_and_servers_listen_beside_the_first_worker():
    scheduler, server, _ = companions("mxnet", FIRST)
    assert server.argv == (sys.executable, "-m", "mxdigits.backends.mxnet.team.companion")
    assert server.environment == {
        "DMLC_ROLE": "server",
        "DMLC_PS_ROOT_URI": "10.0.0.1",
        "DMLC_PS_ROOT_PORT": "9000",
        "DMLC_NUM_WORKER": "4",
        "DMLC_NUM_SERVER": "2",
        "DMLC_NODE_HOST": "10.0.0.1",
        "DMLC_LOCAL": "0",
    }
    assert scheduler.environment["DMLC_ROLE"] == "scheduler"
    assert parameter_server(SECOND)["DMLC_ROLE"] == "worker"


def test_on_one_machine_each_process_has_a_unix_socket():
    first = Workers(0, 2, "127.0.0.1:9000", "127.0.0.1", sockets=70000)
    second = Workers(1, 2, "127.0.0.1:9000", "127.0.0.1", sockets=70000)
    told = [each.environment for each in companions("mxnet", first)]
    told += [parameter_server(each) for each in (first, second)]
    assert {(each["DMLC_LOCAL"], each["DMLC_PS_ROOT_PORT"]) for each in told} == {("1", "70000")}
    assert [each.get("PORT") for each in told] == [None, "70001", "70002", "70003"]


def test_a_companion_leaves_it_to_the_workers_to_say_that_mxnet_does_not_start(monkeypatch):
    def fail():
        raise MXNetMissing("it needs NumPy 1")

    monkeypatch.setenv("DMLC_ROLE", "scheduler")
    monkeypatch.setattr(companion, "import_mxnet", fail)
    assert companion.serve() is None
