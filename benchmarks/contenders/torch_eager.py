"""PyTorch, eager: tensors in memory, no DataLoader, one synchronisation an epoch."""

import torch
from torch import nn
from torch.nn import functional as F

from benchmarks.contenders.task import (
    BATCH,
    BLOCKS,
    FIRST_CHANNELS,
    LEARNING_RATE,
    NORM_EPSILON,
    NORM_MOMENTUM,
    PREDICT_BATCH,
    Task,
)


class Block(nn.Module):
    """ResNet's basic block."""

    def __init__(self, before, channels, stride):
        super().__init__()
        self.body = nn.Sequential(
            *normalised(before, channels, kernel=3, stride=stride),
            nn.ReLU(),
            *normalised(channels, channels, kernel=3),
        )
        self.around = nn.Identity()
        if before != channels:
            self.around = nn.Sequential(*normalised(before, channels, kernel=1, stride=stride))

    def forward(self, x):
        return F.relu(self.body(x) + self.around(x))


def normalised(before, channels, kernel, stride=1):
    return [
        nn.Conv2d(before, channels, kernel, stride, padding=kernel // 2, bias=False),
        # PyTorch's momentum is the share of the new statistics.
        nn.BatchNorm2d(channels, eps=NORM_EPSILON, momentum=1 - NORM_MOMENTUM),
    ]


def resnet20():
    layers = normalised(1, FIRST_CHANNELS, kernel=3)
    before = FIRST_CHANNELS
    for channels, stride in BLOCKS:
        layers.append(Block(before, channels, stride))
        before = channels
    return [*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, 10)]


def network(name):
    layers = {
        "mlp": lambda: [
            nn.Flatten(),
            nn.Linear(784, 128),
            nn.ReLU(),
            nn.Linear(128, 64),
            nn.ReLU(),
            nn.Linear(64, 10),
        ],
        "lenet": lambda: [
            nn.Conv2d(1, 20, 5),
            nn.Tanh(),
            nn.MaxPool2d(2),
            nn.Conv2d(20, 50, 5),
            nn.Tanh(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(800, 500),
            nn.Tanh(),
            nn.Linear(500, 10),
        ],
        "resnet20": resnet20,
    }
    model = nn.Sequential(*layers[name]())
    for name, parameter in model.named_parameters():
        if parameter.dim() > 1:
            nn.init.xavier_uniform_(parameter)
        elif name.endswith("bias"):
            nn.init.zeros_(parameter)
    return model


def train(model, optimizer, images, labels, precision):
    """One epoch; returns the training accuracy."""
    model.train()
    lower = precision != torch.float32
    correct = torch.zeros((), dtype=torch.int64)
    for index in torch.randperm(len(labels)).split(BATCH):
        truth = labels[index]
        with torch.autocast("cpu", precision, enabled=lower):
            logits = model(images[index])
        logits = logits.float()
        optimizer.zero_grad()
        F.cross_entropy(logits, truth).backward()
        optimizer.step()
        correct += (logits.argmax(1) == truth).sum()
    return correct.item() / len(labels)


@torch.inference_mode()
def predict(model, images):
    model.eval()
    return torch.cat([model(piece).softmax(1) for piece in images.split(PREDICT_BATCH)])


def run(
    task,
    memory_format=torch.contiguous_format,
    compiled=lambda model: model,
    precision=torch.float32,
):
    """Train; ``compiled`` turns the model into the one that is trained, such as a compiled one."""
    torch.set_num_threads(task.threads)
    train_images, train_labels, test_images, test_labels = map(torch.from_numpy, task.mnist())
    train_images = train_images.to(memory_format=memory_format)
    test_images = test_images.to(memory_format=memory_format)
    model = network(task.network).to(memory_format=memory_format)
    learner = compiled(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    for _ in range(task.epochs):
        task.training_begins()
        accuracy = train(learner, optimizer, train_images, train_labels, precision)
        task.training_ends()
        prob = predict(model, test_images)
        task.epoch_done(accuracy, (prob.argmax(1) == test_labels).float().mean())
    task.save(prob)


if __name__ == "__main__":
    run(Task())
