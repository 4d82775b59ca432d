"""PyTorch eager with channels_last, under bfloat16 autocast; otherwise as torch_eager."""

import torch

from benchmarks.contenders.task import Task
from benchmarks.contenders.torch_eager import run

if __name__ == "__main__":
    run(Task(), torch.channels_last, precision=torch.bfloat16)
