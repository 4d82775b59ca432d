"""Training images after a recipe's augmentation, to look at."""

from __future__ import annotations

import numpy as np

from ...augmentations.build import as_graph, build_augmentations
from ...backends.choose import choose_devices, outputs
from ...data.dataset import Dataset
from ...data.load import load_dataset
from ...data.making import make_dataset
from ...errors import UsageError
from ...graph.building import first_alone
from ...recipe.schema import Recipe
from ...wording import Say


def augmented(recipe: Recipe, say: Say, *, per_class: int = 10) -> Dataset:
    """The first training image of each class, each followed by augmented versions of it.

    Args:
        recipe: names the data set and the augmentation.
        say: told what was skipped.
        per_class: the number of images of each class, the original included.

    Returns:
        A data set of only these images.

    Raises:
        UsageError: if the recipe has no augmentation.
        MxdigitsError: if the data or the augmentation cannot be used.

    >>> strong = Recipe.load("strong")
    >>> len(augmented(strong, print, per_class=5).train)  # doctest: +SKIP
    50
    """
    if not recipe.augmentation:
        raise UsageError(f"{recipe.name} has no augmentation; write augmentation: affine")
    recipe = recipe.with_full_paths()
    dataset = load_dataset(recipe.data.name, recipe.data.options, say)
    chosen = [(each.name, each.options) for each in recipe.augmentation]
    graph = first_alone(as_graph(build_augmentations(chosen, image_shape=dataset.image_shape)))
    labels, first = np.unique(dataset.train.labels, return_index=True)
    images = np.repeat(dataset.train.images[first], per_class, axis=0)
    device = choose_devices("cpu", "auto", say)
    changed = outputs(device, graph, {}, images.astype(np.float32) / 255)
    shown = np.rint(np.clip(changed, 0, 1) * 255).astype(np.uint8)
    shown[::per_class] = images[::per_class]
    part = shown, np.repeat(labels, per_class)
    made = {"train": part, "test": part, "classes": dataset.classes}
    return make_dataset(dataset.name, made)
