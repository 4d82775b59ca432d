"""PyTorch with all images on the GPU: eager; a step as a CUDA graph; the same, compiled."""

from __future__ import annotations

import functools
import traceback

import torch
from torch.nn import functional as F

from benchmarks.contenders.torch_eager import network
from benchmarks.on_gpu.task import BATCH, LEARNING_RATE, Task, given, scaled, tell

WARM_UP = 5  # steps before a CUDA graph is captured


class Learner:
    """A network, its optimizer, and the training set on the device."""

    def __init__(self, task: Task, device: torch.device, compiled: bool):
        images, labels = task.train()
        self.images = torch.from_numpy(scaled(images)).to(device)
        self.labels = torch.from_numpy(labels).to(device)
        self.model = network(task.network).to(device)
        self._learner = torch.compile(self.model) if compiled else self.model
        self._optimizer = torch.optim.SGD(self.model.parameters(), lr=LEARNING_RATE)
        self.correct = torch.zeros((), dtype=torch.int64, device=device)

    def step(self, index: torch.Tensor) -> None:
        truth = self.labels[index]
        logits = self._learner(self.images[index])
        self._optimizer.zero_grad()
        F.cross_entropy(logits, truth).backward()
        self._optimizer.step()
        self.correct += (logits.argmax(1) == truth).sum()

    def batches(self) -> tuple[torch.Tensor, ...]:
        return torch.randperm(len(self.labels), device=self.labels.device).split(BATCH)


def eager(task: Task, device: torch.device, compiled: bool = False):
    learner = Learner(task, device, compiled)

    def epoch() -> None:
        learner.correct.zero_()
        for index in learner.batches():
            learner.step(index)
        learner.correct.item()

    return epoch


def captured(task: Task, device: torch.device, compiled: bool):
    """The whole step, the update included, as one CUDA graph."""
    learner = Learner(task, device, compiled)
    taken = torch.zeros(BATCH, dtype=torch.int64, device=device)
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(WARM_UP):
            learner.step(taken)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        learner.step(taken)

    def epoch() -> None:
        learner.correct.zero_()
        for index in learner.batches():
            taken.copy_(index)
            graph.replay()
        learner.correct.item()

    return epoch


def main(task: Task, part: str) -> None:
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    # Float32 as float32, as the others are measured; by default cuDNN rounds to TF32.
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = part == "tf32"
    # Convolutions as quick as cuDNN has them.
    torch.backends.cudnn.benchmark = True
    ways = {"eager": functools.partial(eager, task, device)}
    if device.type == "cuda":
        ways["CUDA graph"] = functools.partial(captured, task, device, compiled=False)
        ways["compiled, CUDA graph"] = functools.partial(captured, task, device, compiled=True)
    for name, make in ways.items():
        try:
            speed = task.time_epochs(make(), task.epochs)
        except Exception:
            tell(name=name, failed=traceback.format_exc().strip().splitlines()[-1][:200])
        else:
            tell(name=name, images_a_second=speed)


if __name__ == "__main__":
    main(*given())
