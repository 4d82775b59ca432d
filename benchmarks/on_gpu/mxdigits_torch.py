"""mxdigits on its PyTorch backend, by the Trainer."""

from __future__ import annotations

from benchmarks.on_gpu.by_trainer import PARTS
from benchmarks.on_gpu.task import given

if __name__ == "__main__":
    TASK, PART = given()
    PARTS[PART](TASK, "torch")
