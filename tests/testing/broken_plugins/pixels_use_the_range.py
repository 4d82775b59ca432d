"""Its images are white all over."""

from .good import splits


def build():
    return {part: (images | 255, labels) for part, (images, labels) in splits().items()}
