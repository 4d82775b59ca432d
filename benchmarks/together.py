"""python -m benchmarks.together: what several workers gain, and what a network would leave of it.

Each worker has one thread, a CPU of its own where there are enough, and 100 images of every batch
of LeNet. One worker and several train in turn: by mxdigits with MXNet and, where JAX is installed,
with XLA, by plain Gluon with ``kvstore='dist_sync'`` and, where that is installed, by plain Gluon
with Horovod. From what a step and an exchange take, a model says what up to 64 machines would
reach; the table goes into docs/scaling.md. With ``--check 2 4 8`` so many workers of mxdigits train
on this machine, beside what the model says of them.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Callable, NamedTuple

import numpy as np

from benchmarks.arguments import count
from benchmarks.together_horovod import horovod_trainer, worker_0_of_horovod
from benchmarks.together_model import EARLY, efficiency, on_one_machine
from mxdigits.backends.team.companions import companions, parameter_server
from mxdigits.backends.team.sockets import draw_sockets
from mxdigits.workers import ALONE, SOCKETS, Workers, current

IMAGES = 100  # of a worker in each batch
GBIT = (1, 10, 100)
MACHINES = (2, 4, 8, 16, 32, 64)
BESIDE = "BENCHMARK_BESIDE"  # the processes beside the workers, a variable of their environment


class Measured(NamedTuple):
    """What a worker says: images a second of all workers, seconds of its CPU for a batch; those of
    an exchange of all gradients alone, those that all processes are at work for it, and its bytes.
    """

    speed: float
    cpu: float
    exchange: float = 0.0
    busy: float = 0.0
    size: int = 0

    def seconds(self, workers: int) -> float:
        """Of a batch."""
        return IMAGES * workers / self.speed


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.together", description=__doc__)
    parser.add_argument("--workers", type=count, default=2)
    parser.add_argument("--rounds", type=count, default=3)
    parser.add_argument("--batches", type=count, default=100)
    parser.add_argument("--check", type=count, nargs="+", help="workers to compare with the model")
    parser.add_argument("--gbit", type=float, help="to which loopback was limited, for --check")
    parser.add_argument("--who", nargs="+", choices=WORK, default=list(WORK))
    parser.add_argument("--work", choices=WORK, help=argparse.SUPPRESS)
    settings = parser.parse_args()
    if settings.work:
        workers = current()
        cpus = sorted(os.sched_getaffinity(0))
        rank = int(os.environ.get("HOROVOD_RANK", workers.rank))
        os.sched_setaffinity(0, cpus[rank % len(cpus) :][:1])  # as mxdigits launch does
        print(json.dumps(WORK[settings.work](workers, settings.batches)))
        return
    for line in _checked(settings) if settings.check else _tables(settings):
        print(line, flush=True)


def _tables(settings: argparse.Namespace) -> Iterator[str]:
    yield f"load average before: {os.getloadavg()[0]:.1f}; CPUs: {os.cpu_count()}\n"
    found: dict[tuple[str, int], list[Measured]] = {}
    for _ in range(settings.rounds):
        for work in settings.who:
            for workers in (1, settings.workers):
                measured = _started(work, workers, settings.batches)
                found.setdefault((work, workers), []).append(measured)
    yield "| who | workers | images/s | times one | CPU of a worker, ms a batch | exchange, µs |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for (work, workers), rounds in found.items():
        alone = found[work, 1]
        gain = statistics.median(a.speed / b.speed for a, b in zip(rounds, alone))
        speed, cpu, exchange, *_ = (statistics.median(each) for each in zip(*rounds))
        yield (
            f"| {work} | {workers} | {speed:,.0f} | {gain:.2f} | {1e3 * cpu:.1f} "
            f"| {1e6 * exchange:,.0f} |"
        )
    if MXNET not in settings.who:
        return
    step = statistics.median(each.cpu for each in found[MXNET, 1])
    exchange, size = {}, 0
    for workers in (2, 4):  # more of them do it as four do, and each machine has its part of it
        run = _started(MXNET, workers, settings.batches, tcp=True)
        exchange[workers], size = run.busy / workers, run.size
    yield "\n| machines | " + " | ".join(f"{gbit} Gbit/s" for gbit in GBIT) + " |"
    yield "| --- |" + " --- |" * len(GBIT)
    for machines in MACHINES:
        busy = exchange[2 if machines == 2 else 4]
        shares = (efficiency(machines, step, busy, size, gbit) for gbit in GBIT)
        yield f"| {machines} | " + " | ".join(f"{share * machines:.1f}" for share in shares) + " |"


def _checked(settings: argparse.Namespace) -> Iterator[str]:
    """What so many workers of mxdigits reach on this machine, and what the model says of them."""
    yield f"load average before: {os.getloadavg()[0]:.1f}; CPUs: {os.cpu_count()}\n"
    yield "| workers | limit | exchange, ms | a batch, ms | on paper | measured / paper |"
    yield "| --- | --- | --- | --- | --- | --- |"
    run = partial(_started, MXNET, batches=settings.batches)
    step = min(run(1).cpu for _ in range(settings.rounds))
    cpus = len(os.sched_getaffinity(0))
    limit = f"{settings.gbit:g} Gbit/s" if settings.gbit else "none"
    for workers in settings.check:
        run_so = partial(run, workers, tcp=bool(settings.gbit))  # a limit is one of TCP
        runs = [run_so() for _ in range(settings.rounds + 1)]
        exchange = min(each.busy / cpus if settings.gbit else each.exchange for each in runs)
        seconds = statistics.median(each.seconds(workers) for each in runs)
        paper = on_one_machine(workers, cpus, step, exchange, runs[0].size, settings.gbit)
        yield (
            f"| {workers} | {limit} | {1e3 * exchange:.1f} | {1e3 * seconds:.1f} "
            f"| {1e3 * paper:.1f} | {seconds / paper:.2f} |"
        )
    yield f"\nOne worker: {1e3 * step:.1f} ms a batch."


def _started(work: str, workers: int, batches: int, tcp: bool = False) -> Measured:
    """What worker 0 of so many says; mxdigits' with MXNet share memory, or speak over TCP."""
    if work == HOROVOD:
        return Measured(*worker_0_of_horovod(workers, work, batches))
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = f"127.0.0.1:{server.getsockname()[1]}"
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    told = {"MXDIGITS_WORKERS": str(workers), "MXDIGITS_COORDINATOR": place}
    command = [sys.executable, "-m", "benchmarks.together", "--work", work]
    command += ["--batches", str(batches)]
    sockets = draw_sockets(["127.0.0.1"]) if work == MXNET and not tcp else 0
    if sockets:
        told[SOCKETS] = str(sockets)
    first = Workers(0, workers, place, "127.0.0.1", sockets=sockets)
    beside = [
        subprocess.Popen(each.argv, env={**environment, **each.environment})
        for each in companions("xla" if work == XLA else "mxnet", first)
    ]
    told[BESIDE] = " ".join(str(each.pid) for each in beside)
    at_work = [
        subprocess.Popen(
            command,
            env={**environment, **told, "MXDIGITS_RANK": str(rank)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in range(workers)
    ]
    try:
        said = [each.communicate()[0] for each in at_work]
    finally:
        for each in (*beside, *at_work):
            each.kill()
            each.wait()
    return Measured(*json.loads(said[0].splitlines()[-1]))


def _by_mxdigits(backend: str, workers: Workers, batches: int) -> Measured:
    from mxdigits import build_network
    from mxdigits.backends.choose import choose_devices
    from mxdigits.backends.mxnet.runtime import import_mxnet
    from mxdigits.train.trainer import Trainer

    import_mxnet(1)  # LeNet is MXNet's, whatever trains it
    choose_devices("cpu", backend)
    network = build_network("lenet", {}, classes=10, image_shape=(1, 28, 28), backend=backend)
    trainer = Trainer(network, "sgd", {"learning_rate": 0.1}, workers=workers, backend=backend)
    trainer.meet()
    data, size = _data(workers, batches), IMAGES * workers.count
    trainer.fit(data, epochs=1, batch_size=size)
    began = time.process_time()
    trainer.fit(data, epochs=1, batch_size=size)
    cpu = (time.process_time() - began) / batches
    numbers = sum(int(array.size) for array in trainer.backend.snapshot().values())
    speed = trainer.history[-1].samples_per_second
    exchange, busy = 0.0, 0.0
    if backend == "mxnet" and workers.count > 1:
        exchange, busy = _exchange(workers, numbers)
    return Measured(speed, cpu, exchange, busy, 4 * numbers)


def _exchange(workers: Workers, numbers: int) -> tuple[float, float]:
    """The seconds that an exchange of so many numbers takes alone, and those of all processes."""
    from mxdigits.backends.mxnet.runtime import import_mxnet
    from mxdigits.backends.mxnet.team.gradient_sum import GradientSum
    from mxdigits.backends.mxnet.team.team import ParameterServer, team_of

    team = team_of(workers)
    assert isinstance(team, ParameterServer)
    # As LeNet's: the dense layers' travel first.
    sizes = round(EARLY * numbers), round((1 - EARLY) * numbers)
    gradients = [import_mxnet().nd.zeros(size) for size in sizes]

    def wait() -> None:
        for each in gradients:
            each.wait_to_read()

    total, times = GradientSum(team, gradients), 100

    def at_work() -> float:
        return workers.count * time.process_time() + _cpu_of(os.environ.get(BESIDE, "").split())

    busy, seconds = at_work(), []
    for _ in range(times):
        began = time.perf_counter()
        total.run()
        wait()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds), (at_work() - busy) / times


def _cpu_of(processes: Sequence[str]) -> float:
    """Seconds that processes were at work until now, with all of their threads."""
    threads = [each for process in processes for each in Path("/proc", process, "task").iterdir()]
    return sum(int((each / "schedstat").read_text().split()[0]) for each in threads) / 1e9


def _by_dist_sync(workers: Workers, batches: int) -> Measured:
    from mxdigits.backends.mxnet.runtime import import_mxnet

    os.environ.update({} if workers == ALONE else parameter_server(workers))
    store = "device" if workers == ALONE else "dist_sync"
    make = partial(import_mxnet(1).gluon.Trainer, kvstore=store, update_on_kvstore=False)
    return _by_gluon(make, workers.count, batches)


def _by_horovod(workers: Workers, batches: int) -> Measured:
    return _by_gluon(*horovod_trainer(), batches)


def _by_gluon(make_trainer: Callable[..., Any], count: int, batches: int) -> Measured:
    from mxdigits import build_network
    from mxdigits.backends.mxnet.runtime import import_mxnet

    mx = import_mxnet(1)
    network = build_network("lenet", {}, classes=10, image_shape=(1, 28, 28))
    network.hybridize(static_alloc=True, static_shape=True)
    loss_of = mx.gluon.loss.SoftmaxCrossEntropyLoss()
    trainer = make_trainer(network.collect_params(), "sgd", {"learning_rate": 0.1})
    images, labels = (mx.nd.array(each[:IMAGES]) for each in _data(ALONE, 1))

    def epoch() -> None:
        for _ in range(batches):
            with mx.autograd.record():
                loss = loss_of(network(images / 255), labels)
            loss.backward()
            trainer.step(IMAGES * count)
        mx.nd.waitall()

    epoch()
    began, cpu = time.perf_counter(), time.process_time()
    epoch()
    speed = IMAGES * count * batches / (time.perf_counter() - began)
    return Measured(speed, (time.process_time() - cpu) / batches)


def _data(workers: Workers, batches: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    samples = IMAGES * workers.count * batches
    images = random.integers(0, 256, (samples, 1, 28, 28)).astype(np.uint8)
    return images, random.integers(0, 10, samples)


MXNET, XLA, HOROVOD = "mxdigits, MXNet", "mxdigits, XLA", "Horovod"
WORK = {
    MXNET: partial(_by_mxdigits, "mxnet"),
    **({XLA: partial(_by_mxdigits, "xla")} if find_spec("jax") else {}),
    "plain Gluon": _by_dist_sync,
    **({HOROVOD: _by_horovod} if find_spec("horovod") else {}),
}


if __name__ == "__main__":
    main()
