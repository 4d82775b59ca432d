"""PyTorch, eager: tensors in memory, no DataLoader, one synchronisation an epoch."""

import torch
from torch import nn
from torch.nn import functional as F

from benchmarks.contenders.task import BATCH, LEARNING_RATE, LOOK_BATCH, Task


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
    }
    model = nn.Sequential(*layers[name]())
    for parameter in model.parameters():
        if parameter.dim() > 1:
            nn.init.xavier_uniform_(parameter)
        else:
            nn.init.zeros_(parameter)
    return model


def train(model, optimizer, images, labels):
    """One epoch; returns the training accuracy."""
    correct = torch.zeros((), dtype=torch.int64)
    for index in torch.randperm(len(labels)).split(BATCH):
        truth = labels[index]
        logits = model(images[index])
        optimizer.zero_grad()
        F.cross_entropy(logits, truth).backward()
        optimizer.step()
        correct += (logits.argmax(1) == truth).sum()
    return correct.item() / len(labels)


@torch.inference_mode()
def predict(model, images):
    return torch.cat([model(piece).softmax(1) for piece in images.split(LOOK_BATCH)])


def run(task, memory_format=torch.contiguous_format, compiled=lambda model: model):
    """Train; ``compiled`` makes the model that learns out of the one that is looked at."""
    torch.set_num_threads(task.threads)
    train_images, train_labels, test_images, test_labels = map(torch.from_numpy, task.mnist())
    train_images = train_images.to(memory_format=memory_format)
    test_images = test_images.to(memory_format=memory_format)
    model = network(task.network).to(memory_format=memory_format)
    learner = compiled(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    for _ in range(task.epochs):
        task.training_begins()
        accuracy = train(learner, optimizer, train_images, train_labels)
        task.training_ends()
        prob = predict(model, test_images)
        task.epoch_done(accuracy, (prob.argmax(1) == test_labels).float().mean())
    task.save(prob)


if __name__ == "__main__":
    run(Task())
