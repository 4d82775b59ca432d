"""It tests with images that were trained on."""

from .good import splits


def build():
    made = splits()
    images, labels = made["train"]
    return {**made, "test": (images[:20], labels[:20])}
