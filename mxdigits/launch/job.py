"""What is launched: a recipe's run, as the command of each of its workers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Optional

from ..backends.cpus import Share, shares
from .agent import Hello, Orders
from .process import Program


@dataclass(frozen=True)
class Job:
    """A run that several workers train.

    Args:
        recipe: as for ``mxdigits run``.
        overrides: of the recipe.
        run_options: of ``mxdigits run`` alone, such as ``--output``.
        options: of ``mxdigits run`` and of ``mxdigits resume``.
        folder: the run folder to go on with; None to begin.
        python: what Python runs; a test has its own program in place of mxdigits.

    >>> Job("mlp", ["epochs=1"]).arguments(0)
    ['-m', 'mxdigits', 'run', 'mlp', 'epochs=1']
    """

    recipe: str
    overrides: Sequence[str] = ()
    run_options: Sequence[str] = ()
    options: Sequence[str] = ()
    folder: Optional[str] = None
    python: Sequence[str] = ("-m", "mxdigits")

    def arguments(self, rank: int) -> list[str]:
        """Python's arguments for a worker.

        Only rank 0 has the run folder, perhaps on a machine of its own. From there the others get
        the state to go on with.
        """
        if rank == 0 and self.folder is not None:
            words = ["resume", self.folder, *self.overrides]
        else:
            words = ["run", self.recipe, *self.overrides, *self.run_options]
        return [*self.python, *words, *self.options]

    def going_on(self, folder: Optional[str]) -> Job:
        """The same job, from what a run folder holds, if there is one."""
        return self if folder is None else replace(self, folder=folder)

    def orders(self, hellos: Sequence[Hello], ranks: Sequence[range]) -> list[Orders]:
        """What each agent is to start.

        Args:
            hellos: of the agents.
            ranks: of each agent's workers.
        """
        coordinator = _with_port(hellos[0].address, hellos[0].port)
        count = sum(map(len, ranks))
        shared = _shares(hellos, ranks)
        return [
            Orders(
                [
                    Program(
                        f"rank {rank}",
                        self.arguments(rank),
                        {
                            "MXDIGITS_RANK": str(rank),
                            "MXDIGITS_WORKERS": str(count),
                            "MXDIGITS_COORDINATOR": coordinator,
                            "MXDIGITS_INTERFACE_ADDRESS": hello.address,
                            **_threads(shared[rank]),
                        },
                        list(shared[rank].cpus),
                    )
                    for rank in own
                ]
            )
            for hello, own in zip(hellos, ranks)
        ]


def _with_port(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _threads(share: Share) -> dict[str, str]:
    return {} if share.threads is None else {"OMP_NUM_THREADS": str(share.threads)}


def _shares(hellos: Sequence[Hello], ranks: Sequence[range]) -> dict[int, Share]:
    """The share of each rank of its machine.

    Agents on one machine that may use the same CPUs share them; those that SLURM or mpirun has
    given different ones keep them.
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
        else:  # a system that does not tell
            shared.update({rank: Share() for rank in members})
    return shared
