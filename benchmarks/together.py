"""python -m benchmarks.together: what several workers gain, and what a network would leave of it.

Each worker has one thread, a CPU of its own where there are enough, and 100 images of every batch
of LeNet. One worker and several train in turn: by mxdigits with MXNet and, where JAX is installed,
with XLA, and by plain Gluon with ``kvstore='dist_sync'``. From what a step and an exchange take, a
model says what up to 64 machines would reach; the table goes into docs/scaling.md.
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
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np

from benchmarks.arguments import count
from mxdigits.backends.companions import companions, parameter_server
from mxdigits.backends.sockets import draw_sockets
from mxdigits.workers import ALONE, SOCKETS, Workers, current

IMAGES = 100  # of a worker in each batch
GBIT = (1, 10, 100)
MACHINES = (2, 4, 8, 16, 32, 64)
ROUND_TRIP = 100e-6  # seconds, of a network of Ethernet


class Measured(NamedTuple):
    """What a worker says: images a second of all workers, seconds of its CPU for a batch, and of an
    exchange of all gradients alone, and their bytes.
    """

    speed: float
    cpu: float
    exchange: float
    size: int


def traffic(workers: int, size: float) -> tuple[float, int]:
    """The bytes of a batch that pass a machine's link in one direction, and the round trips.

    Each machine has a worker and a server for its share of the gradients; what a worker exchanges
    with the server beside it passes no link.

    >>> traffic(2, 1000), traffic(4, 1000)
    ((1000.0, 1), (2437.5, 2))
    """
    elsewhere = (workers - 1) / workers
    if workers == 2:
        return 2 * size * elsewhere, 1
    # A worker sends all gradients and then its piece of the sum, and a server each piece twice.
    return (size * (1 + 1 / workers) + 2 * size) * elsewhere, 2


def efficiency(workers: int, step: float, exchange: float, size: float, gbit: float) -> float:
    """The share of so many times one worker's speed.

    Args:
        workers: machines with one worker each.
        step: seconds that one worker needs for a batch.
        exchange: seconds that an exchange needs where no network slows it down.
        size: bytes of all gradients.
        gbit: of each machine's link, in each direction.
    """
    sent, trips = traffic(workers, size)
    return step / (step + trips * (exchange + ROUND_TRIP) + 8 * sent / (gbit * 1e9))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.together", description=__doc__)
    parser.add_argument("--workers", type=count, default=2)
    parser.add_argument("--rounds", type=count, default=3)
    parser.add_argument("--batches", type=count, default=100)
    parser.add_argument("--tcp", action="store_true", help="over TCP, as between two machines")
    parser.add_argument("--who", nargs="+", choices=WORK, default=list(WORK))
    parser.add_argument("--work", choices=WORK, help=argparse.SUPPRESS)
    settings = parser.parse_args()
    if settings.work:
        workers = current()
        cpus = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, cpus[workers.rank % len(cpus) :][:1])  # as mxdigits launch does
        print(json.dumps(WORK[settings.work](workers, settings.batches)))
        return
    print("\n".join(_tables(settings)))


def _tables(settings: argparse.Namespace) -> Iterator[str]:
    yield f"load average before: {os.getloadavg()[0]:.1f}; CPUs: {os.cpu_count()}\n"
    found: dict[tuple[str, int], list[Measured]] = {}
    for _ in range(settings.rounds):
        for work in settings.who:
            for workers in (1, settings.workers):
                measured = _started(work, workers, settings.batches, settings.tcp)
                found.setdefault((work, workers), []).append(measured)
    yield "| who | workers | images/s | times one | CPU of a worker, ms a batch | exchange, µs |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for (work, workers), rounds in found.items():
        alone = found[work, 1]
        gain = statistics.median(a.speed / b.speed for a, b in zip(rounds, alone))
        speed, cpu, exchange, _ = (statistics.median(each) for each in zip(*rounds))
        yield (
            f"| {work} | {workers} | {speed:,.0f} | {gain:.2f} | {1e3 * cpu:.1f} "
            f"| {1e6 * exchange:,.0f} |"
        )
    if MXNET not in settings.who:
        return
    several = found[MXNET, settings.workers]
    step = statistics.median(each.cpu for each in found[MXNET, 1])
    exchange = min(each.exchange for each in several)
    yield "\n| machines | " + " | ".join(f"{gbit} Gbit/s" for gbit in GBIT) + " |"
    yield "| --- |" + " --- |" * len(GBIT)
    for machines in MACHINES:
        shares = (efficiency(machines, step, exchange, several[0].size, gbit) for gbit in GBIT)
        yield f"| {machines} | " + " | ".join(f"{share * machines:.1f}" for share in shares) + " |"


def _started(work: str, workers: int, batches: int, tcp: bool) -> Measured:
    """What worker 0 of so many says; MXNet's speak over Unix sockets or TCP."""
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
    seconds = _exchange(workers, numbers) if backend == "mxnet" and workers.count > 1 else 0.0
    return Measured(trainer.history[-1].samples_per_second, cpu, seconds, 4 * numbers)


def _exchange(workers: Workers, numbers: int) -> float:
    """The seconds that an exchange of so many numbers takes alone."""
    from mxdigits.backends.mxnet.gradient_sum import GradientSum
    from mxdigits.backends.mxnet.runtime import import_mxnet
    from mxdigits.backends.mxnet.team import ParameterServer, team_of

    team = team_of(workers)
    assert isinstance(team, ParameterServer)
    gradients = import_mxnet().nd.zeros(numbers)
    return _seconds(GradientSum(team, [gradients]).run, gradients.wait_to_read)


def _by_gluon(workers: Workers, batches: int) -> Measured:
    os.environ.update({} if workers == ALONE else parameter_server(workers))
    from mxdigits.backends.mxnet.runtime import import_mxnet

    mx = import_mxnet(1)
    from mxdigits import build_network

    network = build_network("lenet", {}, classes=10, image_shape=(1, 28, 28))
    network.hybridize(static_alloc=True, static_shape=True)
    loss_of = mx.gluon.loss.SoftmaxCrossEntropyLoss()
    store = "device" if workers == ALONE else "dist_sync"
    trainer = mx.gluon.Trainer(
        network.collect_params(), "sgd", {"learning_rate": 0.1}, kvstore=store,
        update_on_kvstore=False,
    )  # fmt: skip
    images, labels = (mx.nd.array(each[:IMAGES]) for each in _data(ALONE, 1))

    def epoch() -> None:
        for _ in range(batches):
            with mx.autograd.record():
                loss = loss_of(network(images / 255), labels)
            loss.backward()
            trainer.step(IMAGES * workers.count)
        mx.nd.waitall()

    epoch()
    began, cpu = time.perf_counter(), time.process_time()
    epoch()
    seconds = time.perf_counter() - began
    speed = IMAGES * workers.count * batches / seconds
    return Measured(speed, (time.process_time() - cpu) / batches, 0.0, 0)


def _data(workers: Workers, batches: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    samples = IMAGES * workers.count * batches
    images = random.integers(0, 256, (samples, 1, 28, 28)).astype(np.uint8)
    return images, random.integers(0, 10, samples)


def _seconds(run: object, wait: object, times: int = 50) -> float:
    each = []
    for _ in range(times):
        began = time.perf_counter()
        run()  # type: ignore[operator]
        wait()  # type: ignore[operator]
        each.append(time.perf_counter() - began)
    return statistics.median(each)


MXNET, XLA = "mxdigits, MXNet", "mxdigits, XLA"
WORK = {
    MXNET: partial(_by_mxdigits, "mxnet"),
    **({XLA: partial(_by_mxdigits, "xla")} if find_spec("jax") else {}),
    "plain Gluon": _by_gluon,
}


if __name__ == "__main__":
    main()
