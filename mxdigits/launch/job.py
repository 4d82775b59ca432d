"""The run to launch, as the commands of its workers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Optional

from ..backends.context import parse_backend
from ..backends.cpus import Share, shares
from ..backends.team.companions import check_addresses, companions
from ..backends.team.sockets import draw_sockets, socket_files
from ..installing import beside_mxnet
from ..workers import ADDRESS, COORDINATOR, RANK, SOCKETS, WORKERS, Workers
from .agent import Hello, Orders
from .process import Program


@dataclass(frozen=True)
class Job:
    """A run that several workers train.

    Args:
        recipe: as for ``mxdigits run``.
        overrides: of the recipe.
        run_options: options of ``mxdigits run`` alone, such as ``--output``.
        options: options of both ``mxdigits run`` and ``mxdigits resume``.
        backends: those that may train it.
        folder: the run folder to resume; None for a new run.
        python: what Python runs; tests replace mxdigits by their own program.

    >>> Job("mlp", ["epochs=1"]).arguments(0)
    ['-m', 'mxdigits', 'run', 'mlp', 'epochs=1']
    """

    recipe: str
    overrides: Sequence[str] = ()
    run_options: Sequence[str] = ()
    options: Sequence[str] = ()
    backends: Sequence[str] = ()
    folder: Optional[str] = None
    python: Sequence[str] = ("-m", "mxdigits")

    def arguments(self, rank: int) -> list[str]:
        """Return Python's arguments for a worker.

        Only rank 0 has the run folder, perhaps on another machine. It sends the others the state
        from which they go on.
        """
        if rank == 0 and self.folder is not None:
            words = ["resume", self.folder, *self.overrides]
        else:
            words = ["run", self.recipe, *self.overrides, *self.run_options]
        return [*self.python, *words, *self.options]

    def going_on(self, folder: Optional[str]) -> Job:
        """Return the same job, resumed from a run folder if there is one."""
        return self if folder is None else replace(self, folder=folder)

    def orders(self, hellos: Sequence[Hello], ranks: Sequence[range]) -> list[Orders]:
        """Return what each agent has to start.

        Args:
            hellos: of the agents.
            ranks: of each agent's workers.

        Raises:
            UsageError: if a backend's workers cannot connect at these addresses.
        """
        count = sum(map(len, ranks))
        first = Workers(
            0,
            count,
            _with_port(hellos[0]),
            hellos[0].address,
            sockets=draw_sockets(hello.address for hello in hellos) if count > 1 else 0,
        )
        if count > 1 and not first.sockets:
            check_addresses(self.backends, [hello.address for hello in hellos])
        shared = _shares(hellos, ranks)
        beside = self._companions(first)
        files = [str(file) for file in socket_files(first)]
        return [
            Orders(
                [
                    Program(
                        f"rank {rank}",
                        self.arguments(rank),
                        {
                            **_place(replace(first, rank=rank, address=hello.address)),
                            **_threads(shared[rank]),
                        },
                        list(shared[rank].cpus),
                    )
                    for rank in own
                ],
                beside if 0 in own else [],
                files,
            )
            for hello, own in zip(hellos, ranks)
        ]

    def _companions(self, first: Workers) -> list[Program]:
        """The companions that the backends need beside rank 0; their arguments are Python's too.

        If a backend is not used in the end, its companions stay idle.
        """
        return [
            Program(name, argv[1:], {**_place(first), **environment})
            for backend in self.backends
            for name, argv, environment in companions(backend, first)
        ]


def training_backends(spec: object) -> list[str]:
    """Return the backends that a recipe's ``backend`` names; MXNet only if it is installed here.

    >>> training_backends("xla")
    ['xla']
    """
    return [name for name in parse_backend(spec) if name != "mxnet" or beside_mxnet()]


def _place(workers: Workers) -> dict[str, str]:
    """The environment that tells a process which worker it is."""
    return {
        RANK: str(workers.rank),
        WORKERS: str(workers.count),
        COORDINATOR: workers.coordinator,
        ADDRESS: workers.address,
        **({SOCKETS: str(workers.sockets)} if workers.sockets else {}),
    }


def _with_port(hello: Hello) -> str:
    host = f"[{hello.address}]" if ":" in hello.address else hello.address
    return f"{host}:{hello.port}"


def _threads(share: Share) -> dict[str, str]:
    return {} if share.threads is None else {"OMP_NUM_THREADS": str(share.threads)}


def _shares(hellos: Sequence[Hello], ranks: Sequence[range]) -> dict[int, Share]:
    """The share of its machine that each rank gets.

    Agents on one machine that may use the same CPUs share them; agents to which SLURM or mpirun
    has given different CPUs keep these.
    """
    together: dict[tuple[str, tuple[int, ...]], list[int]] = {}
    usable: dict[tuple[str, tuple[int, ...]], int] = {}
    for hello, own in zip(hellos, ranks):
        place = (hello.machine, tuple(hello.cpus))
        together.setdefault(place, []).extend(own)
        usable[place] = hello.usable
    shared: dict[int, Share] = {}
    for place, members in together.items():
        if place[1]:
            shared.update(zip(members, shares(len(members), place[1], usable[place])))
        else:  # the system does not tell its CPUs
            shared.update({rank: Share() for rank in members})
    return shared
