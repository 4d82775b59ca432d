import numpy as np

CLASSES = ("horizontal", "vertical")


def stripes(*, count=500, seed=0):
    """Bars across noise; of ``count`` images one in five is to test with.

    Returns images uint8 (N, 28, 28) and labels (N,), integers from 0.
    """
    for option, value, least in (("count", count, 10), ("seed", seed, 0)):
        if not isinstance(value, int) or value < least:
            raise ValueError(
                f"option {option}: must be a whole number from {least} on, got {value!r}"
            )
    random = np.random.default_rng(seed)
    labels = np.arange(count) % len(CLASSES)
    images = random.integers(0, 60, (count, 28, 28), dtype=np.uint8)
    for image, label in zip(images, labels):
        lines = image if label == 0 else image.T
        lines[random.integers(4) :: 4] += 180
    held = count // 5
    return {
        "train": (images[held:], labels[held:]),
        "test": (images[:held], labels[:held]),
        "classes": CLASSES,
    }
