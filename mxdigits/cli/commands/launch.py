"""The command ``mxdigits launch``: one run by several workers, here or on other machines."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from ...errors import UsageError
from ...wording import shell_word
from ..options import (
    MinAccuracyOption,
    OutputOption,
    OverridesArgument,
    RecipeArgument,
    ReportOption,
    say,
)

if TYPE_CHECKING:
    from ...launch.launcher import Machines
    from ...recipe.schema import Recipe


def launch(
    recipe: RecipeArgument,
    overrides: OverridesArgument = None,
    workers: Annotated[
        Optional[int],
        typer.Option(
            *("-n", "--workers"),
            min=1,
            help="Workers on this machine, or on each host; 1 by default.",
            show_default=False,
        ),
    ] = None,
    hosts: Annotated[
        Optional[Path],
        typer.Option(help="A file of hosts, to be reached by ssh.", show_default=False),
    ] = None,
    slurm: Annotated[
        bool, typer.Option("--slurm", help="Be one of the tasks that srun has started.")
    ] = False,
    mpi: Annotated[
        bool, typer.Option("--mpi", help="Be one of the processes that mpirun has started.")
    ] = False,
    network: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS/BITS",
            help="With --slurm or --mpi on several machines: the network they share.",
        ),
    ] = "",
    meet: Annotated[
        Optional[Path],
        typer.Option(
            help="With --slurm or --mpi: a file by which the ranks find each other.",
            show_default=False,
        ),
    ] = None,
    restarts: Annotated[
        int, typer.Option(min=0, help="Restart at most this often if a worker is lost.")
    ] = 0,
    resume: Annotated[
        Optional[str],
        typer.Option(
            metavar="RUN",
            help="Continue this run of the recipe, perhaps with another number of workers.",
            show_default=False,
        ),
    ] = None,
    output: OutputOption = Path("runs"),
    min_accuracy: MinAccuracyOption = None,
    report: ReportOption = True,
) -> None:
    """Train one run by several workers, here or on other machines.

    Each line of output begins with the rank of its worker. If one worker is lost, all end.

    Example: mxdigits launch -n 2 lenet epochs=3
    """
    from ...launch.job import Job, training_backends
    from ...launch.launcher import launch
    from ...recipe.schema import Recipe

    asked = _WorkerOptions(workers, hosts, slurm, mpi, network, meet)
    asked.check()
    read = Recipe.load(recipe, overrides or [])  # so that a mistake is reported only once
    report_words = [] if report else ["--no-report"]
    accuracy_words = [] if min_accuracy is None else ["--min-accuracy", str(min_accuracy)]
    command = {
        "recipe": recipe,
        "overrides": shlex.join(overrides or []),
        "output": f"--output {shell_word(output)}",
        "report": " ".join(report_words),
        "accuracy": " ".join(accuracy_words),
        "resume": "" if resume is None else f"--resume {shell_word(resume)}",
        "restarts": f"--restarts {restarts}",
    }
    machines = asked.machines(read, command)
    if machines is None:
        return
    job = Job(
        recipe,
        overrides or [],
        run_options=["--output", str(output)],
        options=[*report_words, *accuracy_words],
        backends=training_backends(read.backend),
        folder=resume,
    )
    done = launch(job, machines, restarts=restarts, say=say)
    if done.code:
        raise typer.Exit(done.code)


@dataclass(frozen=True)
class _WorkerOptions:
    """The options that say where the workers are."""

    workers: Optional[int]
    hosts: Optional[Path]
    slurm: bool
    mpi: bool
    network: str
    meet: Optional[Path]

    def check(self) -> None:
        """Refuse options that do not go together."""
        ways = {"--hosts": self.hosts is not None, "--slurm": self.slurm, "--mpi": self.mpi}
        chosen = [name for name, given in ways.items() if given]
        if len(chosen) > 1:
            raise UsageError(f"{' and '.join(chosen)}: write only one of them")
        ranked = self.slurm or self.mpi
        if ranked and self.workers is not None:
            raise UsageError(f"-n: leave it out, because {chosen[0]} has the workers already")
        for name, given in (("--network", bool(self.network)), ("--meet", self.meet is not None)):
            if given and not ranked:
                raise UsageError(f"{name}: is only for --slurm and --mpi")

    def machines(self, recipe: "Recipe", command: Mapping[str, str]) -> "Optional[Machines]":
        """The machines of the workers, for rank 0; None for other ranks, after their work."""
        from ...experiment.preparation.shared_batches import check_workers
        from ...launch.hosts import Host, read_hosts
        from ...launch.member import Hosts

        if self.slurm or self.mpi:
            return self._ranks(recipe, command)
        each = self.workers or 1
        hosts = [Host(workers=each)] if self.hosts is None else read_hosts(self.hosts, each)
        check_workers(recipe, sum(host.workers for host in hosts))
        return Hosts(hosts)

    def _ranks(self, recipe: "Recipe", command: Mapping[str, str]) -> "Optional[Machines]":
        from ...experiment.preparation.shared_batches import check_workers
        from ...launch.ranks import mpi_rank, own_address, rendezvous_file, slurm_rank
        from ...launch.rendezvous import Rendezvous, be_rank

        rank = slurm_rank() if self.slurm else mpi_rank()
        check_workers(recipe, rank.count)
        file = rendezvous_file(rank) if self.meet is None else self.meet
        address = own_address(self.network, rank)
        if rank.number == 0:
            return Rendezvous(address, rank.count, file, command)
        be_rank(rank.number, address, file, command)
        return None
