"""python -m benchmarks.serve: how fast ``mxdigits serve`` answers, and what it withstands."""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from benchmarks import clients, machine
from benchmarks.arguments import count
from benchmarks.clients import HOST, Heard, request
from mxdigits import load_dataset

PICTURES = 100
SIDE = 140  # pixels, of the drawing that the page sends
BATCHES = {"on": 32, "off": 1}

MISBEHAVIOUR = {
    "slow header": (clients.slow_header, 300),
    "slow body": (clients.slow_body, 300),
    "oversized": (clients.oversized, 16),
    "malformed": (clients.malformed, 32),
    "aborted": (None, 32),
}


def main() -> None:
    settings = _settings()
    server_cpus, own_cpus = _shared_out()
    os.sched_setaffinity(0, own_cpus)
    requests = _requests()
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as home:
        run = settings.run or _train(Path(home), server_cpus)
        print(*(f"- {fact}" for fact in _facts(run, server_cpus, own_cpus)), "", sep="\n")
        if "load" in settings.tables:
            _print_load(run, requests, server_cpus, settings)
        if "misbehaviour" in settings.tables:
            _print_misbehaviour(run, requests, server_cpus, settings)


def _print_load(
    run: Path, requests: dict[str, list[bytes]], cpus: set[int], settings: argparse.Namespace
) -> None:
    _row(
        *("request", "clients", "batching", "answers/s", "median, ms", "p99, ms"),
        *("CPU an answer, ms", "other answers"),
    )
    _row("---", *["---:"] * 7)
    for kind, bodies in requests.items():
        for at_once in settings.clients:
            for batching, size in BATCHES.items():
                with _server(run, cpus, "--rate", "0", "--batch-size", str(size)) as (
                    port,
                    process,
                ):
                    asyncio.run(clients.load(port, at_once, bodies, 1))  # warm
                    before = _cpu_seconds(process)
                    heard = asyncio.run(clients.load(port, at_once, bodies, settings.seconds))
                    spent = _cpu_seconds(process) - before
                _row(
                    kind,
                    at_once,
                    batching,
                    f"{len(heard.seconds) / settings.seconds:,.0f}",
                    _ms(heard, 0.5),
                    _ms(heard, 0.99),
                    f"{1000 * spent / len(heard.seconds):.2f}",
                    _listed(heard.outcomes - Counter({"200": heard.outcomes["200"]})),
                )
    print()


def _print_misbehaviour(
    run: Path, requests: dict[str, list[bytes]], cpus: set[int], settings: argparse.Namespace
) -> None:
    """All misbehaviour on one server, while one good client keeps sending requests."""
    good = requests["pixels"]
    titles = ("how", "times", "at once", "ended with", "good answers meanwhile", "p99, ms")
    _row(*titles, "good failed", "memory after, MiB")
    _row("---", *["---:"] * 7)
    with _server(run, cpus, "--rate", "0") as (port, process):
        heard = asyncio.run(clients.load(port, 16, good, 3))
        _row("", 0, "", "", *_good(heard), _resident(process))
        for name, (how, at_once) in MISBEHAVIOUR.items():
            how = how or clients.aborted(good)
            outcomes, heard = asyncio.run(_both(port, how, settings.times, at_once, good))
            row = name, settings.times, at_once, _listed(outcomes)
            _row(*row, *_good(heard), _resident(process))


async def _both(
    port: int, how: clients.Misbehave, times: int, at_once: int, good: Sequence[bytes]
) -> tuple[Counter[str], Heard]:
    """Misbehave, while one good client sends requests, in pieces of half a second."""
    bad = asyncio.ensure_future(clients.misbehave(port, how, times, at_once))
    heard = Heard()
    while not bad.done():
        piece = await clients.load(port, 1, good, 0.5)
        heard.seconds += piece.seconds
        heard.outcomes += piece.outcomes
    return bad.result(), heard


def _good(heard: Heard) -> tuple[str, str, int]:
    failed = sum(heard.outcomes.values()) - len(heard.seconds)
    return f"{len(heard.seconds):,}", _ms(heard, 0.99), failed


def _requests() -> dict[str, list[bytes]]:
    """The requests: drawings as the page sends them, and digits in the network's own form."""
    images = load_dataset("mnist").test.images[:PICTURES, 0]
    found: dict[str, list[bytes]] = {"picture": [], "pixels": []}
    for image in images:
        file = io.BytesIO()
        drawn = Image.fromarray(255 - image).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        drawn.save(file, "PNG")
        found["picture"].append(request(file.getvalue(), "image/png"))
        body = json.dumps({"pixels": image.tolist()}).encode()
        found["pixels"].append(request(body, "application/json"))
    return found


@contextmanager
def _server(
    run: Path, cpus: set[int], *options: str
) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Start a server on CPUs of its own; gives its port and its process."""
    command = [sys.executable, "-m", "mxdigits", "serve", str(run), "--port", "0", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        os.sched_setaffinity(process.pid, cpus)
        for line in process.stderr or ():
            if found := re.match(rf"http://{HOST}:(\d+)/ ", line):
                break
        else:
            raise SystemExit("the server did not start")
        try:
            yield int(found[1]), process
        finally:
            process.terminate()


def _train(home: Path, cpus: set[int]) -> Path:
    """LeNet after one epoch; its accuracy makes no difference here."""
    command = ["run", "lenet", "epochs=1", "--plain", "--output", str(home)]
    process = subprocess.Popen(
        [sys.executable, "-m", "mxdigits", *command], stdout=subprocess.DEVNULL
    )
    os.sched_setaffinity(process.pid, cpus)
    if process.wait():
        raise SystemExit("the training failed")
    (run,) = home.glob("lenet/*")
    return run


def _shared_out() -> tuple[set[int], set[int]]:
    """The last CPU for the clients, and the others, if there are any, for the server."""
    cpus = sorted(os.sched_getaffinity(0))
    return set(cpus[:-1]) or set(cpus), {cpus[-1]}


def _facts(run: Path, server_cpus: set[int], own_cpus: set[int]) -> list[str]:
    recipe = json.loads((run / "run.json").read_text(encoding="utf-8"))["recipe"]
    shared = " (the same)" if server_cpus == own_cpus else ""
    return [
        *machine.describe(len(server_cpus | own_cpus)),
        f"network: {recipe}",
        f"CPUs of the server: {len(server_cpus)}; of the clients: {len(own_cpus)}{shared}",
    ]


def _resident(process: subprocess.Popen[str]) -> str:
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    return f"{pages * os.sysconf('SC_PAGE_SIZE') / 2**20:.0f}"


def _cpu_seconds(process: subprocess.Popen[str]) -> float:
    """The CPU time of a process, in seconds."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _ms(heard: Heard, share: float) -> str:
    return f"{1000 * heard.percentile(share):.1f}"


def _listed(outcomes: Counter[str]) -> str:
    return ", ".join(f"{what}: {count}" for what, count in sorted(outcomes.items()))


def _row(*cells: object) -> None:
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


def _settings() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serve", description=__doc__)
    add = parser.add_argument
    add("run", nargs="?", type=Path, help="a run folder; by default LeNet is trained for an epoch")
    add("--tables", nargs="+", choices=("load", "misbehaviour"), default=["load", "misbehaviour"])
    add("--clients", nargs="+", type=count, default=[1, 16, 64])
    add("--seconds", type=float, default=10, help="of each measurement")
    add("--times", type=count, default=1000, help="of each misbehaviour")
    return parser.parse_args()


if __name__ == "__main__":
    main()
