"""It counts labels from 1."""

from .good import splits


def build():
    made = {part: (images, labels + 1) for part, (images, labels) in splits().items()}
    return {**made, "classes": ["even", "odd"]}
