"""What an exchange of gradients costs on paper: by a network, and within one machine."""

from __future__ import annotations

from typing import Optional

ROUND_TRIP = 100e-6  # seconds, of a network of Ethernet
# Of LeNet: the share of its gradients that are there early, those of the dense layers, and the
# share of a step that follows then, most of the backward pass.
EARLY, REST = 0.93, 0.5


def traffic(workers: int, size: float) -> tuple[float, int]:
    """The bytes of a batch that a worker sends, and as many get, and the round trips.

    >>> traffic(2, 1000), traffic(4, 1000)
    ((1000, 1), (1625.0, 2))
    """
    if workers == 2:
        return size, 1
    # It sends all gradients and then its piece of the sum; it gets its piece of all workers'
    # gradients, which are as many bytes, and then all pieces of the sum.
    return (2 * size + size * (1 + 1 / workers)) / 2, 2


def waited(link: float, step: float) -> float:
    """Seconds that a worker waits for a link that is busy for so many; the rest it computes.

    >>> waited(0.004, 0.016), waited(0.1, 0.016)
    (0.00028, 0.092)
    """
    return round(link - min(EARLY * link, REST * step), 9)


def efficiency(workers: int, step: float, exchange: float, size: float, gbit: float) -> float:
    """The share of so many times one worker's speed, each on a machine of its own.

    Each machine has a server too, for its share of the gradients; what a worker exchanges with the
    server beside it passes no link.

    Args:
        workers: machines with one worker each.
        step: seconds that one worker needs for a batch.
        exchange: seconds that an exchange keeps a core of each machine at work.
        size: bytes of all gradients.
        gbit: of each machine's link, in each direction.

    >>> round(efficiency(2, 0.015, 0.002, 1.7e6, 10), 2)
    0.87
    """
    sent, trips = traffic(workers, size)
    # What its worker sends, and what its server answers the others.
    passes = 2 * sent * (workers - 1) / workers
    link = waited(8 * passes / (gbit * 1e9), step)
    return step / (step + exchange + trips * ROUND_TRIP + link)


def on_one_machine(
    workers: int,
    cpus: int,
    step: float,
    exchange: float,
    size: float,
    gbit: Optional[float] = None,
) -> float:
    """Seconds of a batch where all workers and their server share the CPUs of one machine.

    Args:
        workers: of one thread each.
        cpus: of the machine.
        step: seconds that one worker needs for a batch.
        exchange: seconds that an exchange of so many workers takes there, and nothing else; where
            something limits it, seconds that it keeps the CPUs at work.
        size: bytes of all gradients.
        gbit: of a link that all messages pass, in both directions; None if nothing limits them.

    >>> round(1e3 * on_one_machine(4, 2, 0.015, 0.006, 1.7e6), 1)
    36.0
    """
    sent, _ = traffic(workers, size)
    link = 0.0 if gbit is None else waited(8 * 2 * workers * sent / (gbit * 1e9), step)
    return max(workers / cpus, 1) * step + exchange + link
