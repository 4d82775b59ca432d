"""Make batches of concurrent requests: one thread owns the network, all others ask that thread.

MXNet may be called from one thread only, and a batch costs little more than a single image. The
thread takes whatever has queued while it was busy, so nobody waits for a batch to fill up.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import suppress
from typing import Callable, Optional

import numpy as np

from ..arrays import Images, Pixels, Probabilities

# A function from images uint8 (N, H, W) to probabilities float32 (N, classes).
Predict = Callable[[Images], Probabilities]
Answer = Future[Probabilities]
Job = tuple[Pixels, Answer]


class Batcher:
    """A queue in front of a network.

    Args:
        load: makes the network; called, like the network, in the batcher's own thread.
        most: the largest batch; with 1 every image goes alone.

    >>> def load():
    ...     return lambda images: np.full((len(images), 2), 0.5, np.float32)
    >>> batcher = Batcher(load, most=32)
    >>> batcher.start()
    >>> batcher.submit(np.zeros((28, 28), np.uint8)).result()
    array([0.5, 0.5], dtype=float32)
    >>> batcher.close()
    """

    def __init__(self, load: Callable[[], Predict], most: int):
        self._load, self._most = load, most
        self._jobs: queue.SimpleQueue[Optional[Job]] = queue.SimpleQueue()
        self._loaded: Future[None] = Future()
        self._thread = threading.Thread(target=self._work, name="network", daemon=True)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
        """Load the network; raise whatever loading raises."""
        self._thread.start()
        self._loaded.result()

    def submit(self, image: Pixels) -> Answer:
        """Queue an image, uint8 (H, W); the future gives its probabilities, float32 (classes,)."""
        answer: Answer = Future()
        self._jobs.put((image, answer))
        return answer

    def close(self) -> None:
        """Answer what is queued and end the thread."""
        self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        try:
            predict = self._load()
        except BaseException as error:
            self._loaded.set_exception(error)
            return
        self._loaded.set_result(None)
        for jobs in self._batches():
            # A client that has left gets no answer.
            waiting = [job for job in jobs if job[1].set_running_or_notify_cancel()]
            if waiting:
                _answer(predict, waiting)

    def _batches(self) -> Iterator[list[Job]]:
        while (job := self._jobs.get()) is not None:
            jobs = [job]
            with suppress(queue.Empty):
                while len(jobs) < self._most:
                    job = self._jobs.get_nowait()
                    if job is None:
                        self._jobs.put(None)  # read again after this batch
                        break
                    jobs.append(job)
            yield jobs


def _answer(predict: Predict, jobs: list[Job]) -> None:
    try:
        prob = predict(padded(np.stack([image for image, _ in jobs])))
    except Exception as error:  # whatever it is, who asked must hear of it
        for _, answer in jobs:
            answer.set_exception(error)
    else:
        for (_, answer), row in zip(jobs, prob):
            answer.set_result(row)


def padded(images: Images) -> Images:
    """Fill a batch up with zeros to a power of two.

    MXNet plans anew whenever the size of a batch changes, so only a few sizes are used.

    >>> padded(np.ones((5, 28, 28), np.uint8)).shape
    (8, 28, 28)
    """
    size = 1 << (len(images) - 1).bit_length()
    filling = np.zeros((size - len(images), *images.shape[1:]), images.dtype)
    return np.concatenate([images, filling])
