"""Its test images are smaller."""

from .good import splits


def build():
    made = splits()
    images, labels = made["test"]
    return {**made, "test": (images[:, 2:-2, 2:-2], labels)}
