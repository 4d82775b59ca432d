"""The ranks that SLURM or mpirun has started: the number and the address of this process."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..backends.cache import cache_folder
from ..errors import SetupError, UsageError
from .hosts import LOOPBACK


@dataclass(frozen=True)
class Rank:
    """One of several processes that were started together.

    Args:
        number: from 0 to ``count - 1``.
        count: the number of all ranks.
        is_local: whether all ranks are on one machine.
        job: a name that no other job of this user has at the same time; empty if there is none.

    >>> Rank(0, 4, True, "slurm-17-0").number
    0
    """

    number: int
    count: int
    is_local: bool
    job: str


def slurm_rank(environment: Mapping[str, str] = os.environ) -> Rank:
    """Return which task of ``srun`` this process is.

    Raises:
        UsageError: if ``srun`` has not started it.

    >>> slurm_rank({"SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "4", "SLURM_STEP_NUM_NODES": "2",
    ...             "SLURM_JOB_ID": "17", "SLURM_STEP_ID": "0"})
    Rank(number=1, count=4, is_local=False, job='slurm-17-0')
    """
    names = ("PROCID", "STEP_NUM_TASKS", "STEP_NUM_NODES", "JOB_ID", "STEP_ID")
    found = [environment.get(f"SLURM_{name}", "") for name in names]
    if not all(each.isdecimal() for each in found) or int(found[0]) >= int(found[1]):
        raise UsageError(
            "--slurm: this is not a task of SLURM; write srun mxdigits launch --slurm RECIPE"
        )
    number, count, nodes, job, step = map(int, found)
    # A job that is queued again keeps its number, and may find a file of before.
    again = environment.get("SLURM_RESTART_COUNT", "")
    return Rank(number, count, nodes == 1, f"slurm-{job}-{step}" + f"-{again}" * again.isdecimal())


# Variables of Open MPI, and of MPICH and Intel MPI: rank, size, size on this machine.
_MPI = (
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE"),
    ("PMI_RANK", "PMI_SIZE", "MPI_LOCALNRANKS"),
)
_MPI_JOBS = ("PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid", "PMI_JOBID")


def mpi_rank(environment: Mapping[str, str] = os.environ) -> Rank:
    """Return which process of ``mpirun`` this one is.

    Raises:
        UsageError: if ``mpirun`` has not started it.

    >>> mpi_rank({"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2",
    ...           "OMPI_COMM_WORLD_LOCAL_SIZE": "2", "PMIX_NAMESPACE": "3781"})
    Rank(number=1, count=2, is_local=True, job='mpi-3781')
    """
    for names in _MPI:
        found = [environment.get(name, "") for name in names]
        if all(each.isdecimal() for each in found) and int(found[0]) < int(found[1]):
            number, count, local = map(int, found)
            named = (environment[name] for name in _MPI_JOBS if environment.get(name))
            job = "".join(c if c.isalnum() else "-" for c in next(named, ""))
            return Rank(number, count, local == count, job and f"mpi-{job}")
    if environment.get("SLURM_STEP_ID"):
        raise UsageError("--mpi: srun has started this process, not mpirun; write --slurm instead")
    raise UsageError(
        "--mpi: this is not a process of mpirun; write mpirun -n 4 mxdigits launch --mpi RECIPE"
    )


def trains_alone(environment: Mapping[str, str] = os.environ) -> str:
    """Return a line for the first of several processes that each train a run of their own.

    Empty for the others, and where ``srun`` or ``mpirun`` has started one process, or none.

    >>> trains_alone({"PMI_RANK": "0", "PMI_SIZE": "2", "MPI_LOCALNRANKS": "2"})
    'mpirun started 2 processes: each trains its own run; mxdigits launch --mpi trains one together'
    """
    for started, option, find in (("srun", "--slurm", slurm_rank), ("mpirun", "--mpi", mpi_rank)):
        with suppress(UsageError):
            rank = find(environment)
            if rank.number == 0 and rank.count > 1:
                return (
                    f"{started} started {rank.count} processes: each trains its own run; mxdigits "
                    f"launch {option} trains one together"
                )
    return ""


def rendezvous_file(rank: Rank) -> Path:
    """Return the default file by which the ranks of a job find each other, below the home folder.

    Raises:
        UsageError: if the job has no name.

    >>> rendezvous_file(Rank(0, 4, True, "slurm-17-0")).name
    'slurm-17-0.json'
    """
    if not rank.job:
        raise UsageError(
            "this mpirun gives its job no name; write --meet FILE, a file in a folder that all "
            "ranks share, by which they find each other"
        )
    return cache_folder("launch") / f"{rank.job}.json"


def own_address(network: str, rank: Rank) -> str:
    """Return the address of this machine at which other ranks reach it.

    Args:
        network: the address's network, such as ``10.0.0.0/24``; empty if none is given.
        rank: which process this is.

    Raises:
        UsageError: if that is no network, or if one is needed.
        SetupError: if this machine is not in it.

    >>> own_address("", Rank(0, 2, True, "mpi-3781"))
    '127.0.0.1'
    """
    if not network:
        if rank.is_local:
            return LOOPBACK
        raise UsageError(
            "the ranks are on several machines; write the network in which they reach each other, "
            "such as --network 10.0.0.0/24"
        )
    try:
        wanted = ipaddress.ip_network(network, strict=False)
    except ValueError:
        raise UsageError(f"--network {network}: is not a network such as 10.0.0.0/24") from None
    inside = wanted[min(1, wanted.num_addresses - 1)]
    family = socket.AF_INET if wanted.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:  # which sends nothing
        try:
            probe.connect((str(inside), 9))
            address = ipaddress.ip_address(probe.getsockname()[0])
        except OSError:
            address = None
    if address is None or address not in wanted:
        raise SetupError(f"{socket.gethostname()} has no address in the network {network}")
    return str(address)
