"""It was sorted before it was split."""

from .good import splits


def build():
    return {part: (images, labels * 0) for part, (images, labels) in splits().items()} | {
        "classes": ["even", "odd"]
    }
