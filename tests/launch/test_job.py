"""What each worker of a job is told: its command, its place, its CPUs."""

from __future__ import annotations

import pytest

from mxdigits.errors import UsageError
from mxdigits.launch.agent import Hello
from mxdigits.launch.job import Job


def hello(address="127.0.0.1", machine="a", cpus=(0, 1, 2, 3), usable=4):
    return Hello(address, 9000, machine, cpus, usable, 1)


@pytest.mark.parametrize(
    ("folder", "rank", "words"),
    [
        (None, 0, ["run", "mlp", "epochs=1", "--output", "runs", "--no-report"]),
        (None, 1, ["run", "mlp", "epochs=1", "--output", "runs", "--no-report"]),
        ("runs/mlp/a", 0, ["resume", "runs/mlp/a", "epochs=1", "--no-report"]),
        ("runs/mlp/a", 1, ["run", "mlp", "epochs=1", "--output", "runs", "--no-report"]),
    ],
)
def test_rank_0_alone_goes_on_from_the_folder(folder, rank, words):
    job = Job("mlp", ["epochs=1"], ["--output", "runs"], ["--no-report"])
    assert job.going_on(folder).arguments(rank) == ["-m", "mxdigits", *words]


def test_a_folder_that_is_not_known_changes_nothing():
    job = Job("mlp", folder="runs/mlp/a")
    assert job.going_on(None) == job


@pytest.mark.parametrize(
    ("hellos", "counts", "cpus", "threads"),
    [
        ([hello()], [1], [[]], [None]),
        ([hello()], [2], [[0, 1], [2, 3]], ["2", "2"]),
        ([hello(usable=1)], [2], [[0], [1]], ["1", "1"]),
        ([hello(), hello()], [1, 1], [[0, 1], [2, 3]], ["2", "2"]),  # one machine, named twice
        ([hello(cpus=(0, 1)), hello(cpus=(2, 3))], [1, 1], [[], []], [None, None]),  # as by SLURM
        ([hello(), hello(machine="b")], [1, 2], [[], [0, 1], [2, 3]], [None, "2", "2"]),
        ([hello(cpus=())], [2], [[], []], [None, None]),  # a system that does not tell
    ],
)
def test_cpus_are_shared_out_on_each_machine(hellos, counts, cpus, threads):
    ends = [sum(counts[: i + 1]) for i in range(len(counts))]
    ranks = [range(end - count, end) for end, count in zip(ends, counts)]
    workers = [each for orders in Job("mlp").orders(hellos, ranks) for each in orders.workers]
    assert [each.name for each in workers] == [f"rank {i}" for i in range(sum(counts))]
    assert [each.cpus for each in workers] == cpus
    assert [each.environment.get("OMP_NUM_THREADS") for each in workers] == threads


@pytest.mark.parametrize(
    ("address", "coordinator"), [("10.0.0.1", "10.0.0.1:9000"), ("fd00::1", "[fd00::1]:9000")]
)
def test_every_worker_knows_where_they_meet(address, coordinator):
    hellos = [hello(address), hello("10.0.0.2", "b")]
    told = [
        orders.workers[0].environment
        for orders in Job("mlp").orders(hellos, [range(1), range(1, 2)])
    ]
    assert told == [
        {
            "MXDIGITS_RANK": str(rank),
            "MXDIGITS_WORKERS": "2",
            "MXDIGITS_COORDINATOR": coordinator,
            "MXDIGITS_INTERFACE_ADDRESS": own,
        }
        for rank, own in enumerate([address, "10.0.0.2"])
    ]


def test_companions_are_started_beside_rank_0():
    orders = Job("mlp", backends=["mxnet"]).orders(
        [hello("10.0.0.1"), hello("10.0.0.2", "b")], [range(1), range(1, 3)]
    )
    assert [[each.name for each in one.companions] for one in orders] == [
        ["scheduler", "server 0"],
        [],
    ]
    scheduler = orders[0].companions[0]
    assert scheduler.argv == ("-m", "mxdigits.backends.mxnet.team.companion")
    assert scheduler.environment["MXDIGITS_COORDINATOR"] == "10.0.0.1:9000"
    assert scheduler.environment["DMLC_NUM_WORKER"] == "3"


def test_one_worker_alone_has_no_companions():
    (orders,) = Job("mlp", backends=["mxnet", "xla"]).orders([hello()], [range(1)])
    assert orders.companions == []


@pytest.mark.parametrize(
    ("addresses", "local"),
    [
        (["127.0.0.1"], True),
        (["127.0.0.1", "127.0.0.1"], True),  # one machine, named twice
        (["10.0.0.1"], False),
        (["10.0.0.1", "10.0.0.2"], False),
    ],
)
def test_workers_of_one_machine_get_unix_sockets_and_the_agent_their_files(addresses, local):
    hellos = [hello(address) for address in addresses]
    ranks = [range(2), range(2, 4)][: len(hellos)]
    orders = Job("mlp", backends=["mxnet"]).orders(hellos, ranks)
    numbers = {
        program.environment.get("MXDIGITS_SOCKETS")
        for each in orders
        for program in (*each.workers, *each.companions)
    }
    assert len(numbers) == 1
    assert (numbers != {None}) == local
    for each in orders:
        files = [f"/tmp/{number}" for number in numbers if number]
        assert each.files[:1] == files
        assert bool(each.files) == local


def test_one_worker_alone_needs_no_socket():
    (orders,) = Job("mlp", backends=["mxnet"]).orders([hello()], [range(1)])
    assert orders.files == []


def test_mxnet_does_not_meet_over_ipv6():
    hellos, ranks = [hello("10.0.0.1"), hello("fd00::2", "b")], [range(1), range(1, 2)]
    with pytest.raises(UsageError) as caught:
        Job("mlp", backends=["mxnet", "torch"]).orders(hellos, ranks)
    assert str(caught.value) == (
        "MXNet's processes do not speak IPv6, and fd00::2 is such an address; give the hosts IPv4 "
        "addresses, or train with backend=torch or backend=xla"
    )
    assert len(Job("mlp", backends=["torch"]).orders(hellos, ranks)) == 2


def test_mxnet_meets_on_loopback_of_ipv6(monkeypatch):
    """Over Unix sockets."""
    monkeypatch.setattr("mxdigits.launch.job.draw_sockets", lambda addresses: 70000)
    (orders,) = Job("mlp", backends=["mxnet"]).orders([hello("::1")], [range(2)])
    assert len(orders.files) == 4
