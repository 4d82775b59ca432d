"""The ranks that SLURM or mpirun has started: which one, by which file, at which address."""

from __future__ import annotations

import pytest

from mxdigits.errors import MxdigitsError, UsageError
from mxdigits.launch.ranks import (
    Rank,
    mpi_rank,
    own_address,
    rendezvous_file,
    slurm_rank,
    trains_alone,
)

SLURM = {
    "SLURM_PROCID": "3",
    "SLURM_STEP_NUM_TASKS": "8",
    "SLURM_STEP_NUM_NODES": "1",
    "SLURM_JOB_ID": "17",
    "SLURM_STEP_ID": "2",
}
OPEN_MPI = {
    "OMPI_COMM_WORLD_RANK": "0",
    "OMPI_COMM_WORLD_SIZE": "4",
    "OMPI_COMM_WORLD_LOCAL_SIZE": "2",
}
MPICH = {"PMI_RANK": "1", "PMI_SIZE": "2", "MPI_LOCALNRANKS": "2"}


@pytest.mark.parametrize(
    ("find", "environment", "rank"),
    [
        (slurm_rank, SLURM, Rank(3, 8, True, "slurm-17-2")),
        (slurm_rank, {**SLURM, "SLURM_STEP_NUM_NODES": "2"}, Rank(3, 8, False, "slurm-17-2")),
        (slurm_rank, {**SLURM, "SLURM_RESTART_COUNT": "1"}, Rank(3, 8, True, "slurm-17-2-1")),
        (mpi_rank, {**OPEN_MPI, "PMIX_NAMESPACE": "a@b/1"}, Rank(0, 4, False, "mpi-a-b-1")),
        (mpi_rank, {**OPEN_MPI, "OMPI_MCA_ess_base_jobid": "9"}, Rank(0, 4, False, "mpi-9")),
        (mpi_rank, MPICH, Rank(1, 2, True, "")),
    ],
)
def test_the_rank_of_a_process(find, environment, rank):
    assert find(environment) == rank


@pytest.mark.parametrize(
    ("find", "environment", "said"),
    [
        *(
            (
                slurm_rank,
                environment,
                "--slurm: this is not a task of SLURM; write srun mxdigits launch --slurm RECIPE",
            )
            for environment in (
                {},
                {**SLURM, "SLURM_PROCID": "x"},
                {**SLURM, "SLURM_PROCID": "8"},
                {**SLURM, "SLURM_STEP_NUM_TASKS": "0"},
            )
        ),
        (
            mpi_rank,
            {**MPICH, "PMI_RANK": "2"},
            "--mpi: this is not a process of mpirun; "
            "write mpirun -n 4 mxdigits launch --mpi RECIPE",
        ),
        (
            mpi_rank,
            SLURM,
            "--mpi: srun has started this process, not mpirun; write --slurm instead",
        ),
    ],
)
def test_a_process_that_is_no_rank(find, environment, said):
    with pytest.raises(UsageError) as caught:
        find(environment)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, ""),
        (SLURM, ""),  # its third task
        ({**SLURM, "SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "1"}, ""),
        (
            {**SLURM, "SLURM_PROCID": "0"},
            "srun started 8 processes: each trains its own run; mxdigits launch --slurm trains one "
            "together",
        ),
        (
            OPEN_MPI,
            "mpirun started 4 processes: each trains its own run; mxdigits launch --mpi trains one "
            "together",
        ),
    ],
)
def test_the_first_of_several_runs_says_that_they_are_several(environment, said):
    assert trains_alone(environment) == said


def test_the_rendezvous_lies_in_the_users_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    file = rendezvous_file(Rank(0, 2, True, "slurm-17-2"))
    assert file == tmp_path / "mxdigits" / "launch" / "slurm-17-2.json"
    with pytest.raises(UsageError) as caught:
        rendezvous_file(Rank(0, 2, True, ""))
    assert str(caught.value) == (
        "this mpirun gives its job no name; write --meet FILE, a file in a folder that all ranks "
        "share, by which they find each other"
    )


@pytest.mark.parametrize(
    ("network", "is_local", "address"),
    [
        ("", True, "127.0.0.1"),
        ("127.0.0.0/8", False, "127.0.0.1"),
        ("127.0.0.1/32", False, "127.0.0.1"),
    ],
)
def test_the_address_of_this_machine(network, is_local, address):
    assert own_address(network, Rank(0, 2, is_local, "")) == address


@pytest.mark.parametrize(
    ("network", "said", "code"),
    [
        (
            "",
            "the ranks are on several machines; write the network in which they reach each other, "
            "such as --network 10.0.0.0/24",
            2,
        ),
        ("eth0", "--network eth0: is not a network such as 10.0.0.0/24", 2),
        ("192.0.2.0/24", "here has no address in the network 192.0.2.0/24", 3),
    ],
)
def test_an_address_that_is_not_found(monkeypatch, network, said, code):
    monkeypatch.setattr("socket.gethostname", lambda: "here")
    monkeypatch.setattr(
        "socket.socket.getsockname", lambda self: ("198.51.100.1", 0), raising=False
    )
    with pytest.raises(MxdigitsError) as caught:
        own_address(network, Rank(0, 2, False, ""))
    assert (str(caught.value), caught.value.exit_code) == (said, code)
