"""Several data sets as one: training uses all of them, validation and test only the first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Union

import numpy as np

from ..arrays import Integers
from ..errors import DataError, UsageError
from ..values import as_written, is_whole
from ..wording import some_of
from .dataset import Dataset, Mixed, together
from .load import load_dataset
from .parts import MIX, Part, part_problems, parts_of

# Most training images: a share close to 1, or a number with a few zeros too many, would need more
# memory than there is.
MOST_IMAGES = 10_000_000


def mix(*, parts: Sequence[Union[str, Mapping[str, object]]], seed: int = 0) -> Dataset:
    """Training images of several data sets; the first one gives the classes and the test images.

    A part is a name, or a mapping with ``name``, the data set's own options, and its amount:
    ``share`` is its share of all training images, for which its images are repeated or some left
    out; ``repeat`` is how often each of its images comes. With neither, each comes once. Classes
    are matched by their names::

        mix(parts=["mnist", {"name": "folder", "path": "mine", "share": 0.1}])

    Args:
        parts: the data sets; the first is whole and has neither ``share`` nor ``repeat``.
        seed: decides which images a share repeats once more than the others, or leaves out.

    Raises:
        UsageError: if a part is unknown, or an option is wrong.
        DataError: if a part is damaged, or does not fit the first; if there are more than
            :data:`MOST_IMAGES` to train on.

    Example:
        >>> mixed = mix(parts=["mnist", {"name": "mnist", "share": 0.1}])
        >>> len(mixed.train), len(mixed.test)
        (66667, 10000)
    """
    for path, what in part_problems(parts):
        raise UsageError(f"option {'.'.join(map(str, ('parts', *path)))}: {what}")
    if not is_whole(seed) or seed < 0:
        raise UsageError(f"option seed: must be a whole number from 0 on, got {as_written(seed)}")
    first, *others = parts_of(parts)
    main = load_dataset(first.name, first.options)
    loaded = [
        load_part(part, main, f"data set 'mix': parts.{i} ({part.name})")
        for i, part in enumerate(others, start=1)
    ]
    counts = _counts(len(main.train), others, [len(each.train) for each in loaded])
    if (total := len(main.train) + sum(counts)) > MOST_IMAGES:
        raise DataError(
            f"data set 'mix': its parts make {total:,} images to train on, of which at most "
            f"{MOST_IMAGES:,} are taken; write a smaller share or repeat"
        )
    splits = [main.train]
    for i, (each, count) in enumerate(zip(loaded, counts), start=1):
        splits.append(each.train[repeated(len(each.train), count, (seed, i))])
    mixed = [
        Mixed(part.name, len(each.train), count)
        for part, each, count in zip(others, loaded, counts)
    ]
    whole = Mixed(first.name, len(main.train), len(main.train))
    names = [part.name for part in (first, *others)]
    return replace(
        main,
        name=MIX,
        train=together(splits),
        hashes=dict(_hashes(names, [main, *loaded])),
        notes=tuple(note for each in (main, *loaded) for note in each.notes),
        mixed_from=(*(main.mixed_from or [whole]), *mixed),  # a mix as first part keeps its own
    )


def load_part(part: Part, main: Dataset, where: str) -> Dataset:
    """Read a part of a mix, and give it the classes of the first part, ``main``.

    Unlike other data sets, a part may lack test images.

    Args:
        part: the part to read.
        main: the first part.
        where: the name of the part for messages.

    Raises:
        UsageError: if it is unknown, or an option is wrong.
        DataError: if it is damaged, or does not fit the first part.

    Example:
        >>> mnist = load_dataset("mnist")
        >>> len(load_part(Part("mnist", {}), mnist, "the part").train)
        60000
    """
    dataset = load_dataset(part.name, part.options, untested=True)
    if dataset.image_shape != main.image_shape:
        sizes = ["x".join(map(str, each.image_shape)) for each in (dataset, main)]
        raise DataError(f"{where}: images are {sizes[0]}, not {sizes[1]} as all others")
    place = {name: label for label, name in enumerate(main.classes)}
    for label in np.unique(np.concatenate([dataset.train.labels, dataset.test.labels])):
        if (name := dataset.classes[label]) not in place:
            known = some_of(main.classes, 20)
            raise DataError(f"{where}: {name!r} is none of the classes {known}")
    labels = [place.get(name, 0) for name in dataset.classes]  # 0 for a class without images
    return replace(dataset, validation=None).relabelled(main.classes, labels)


def repeated(images: int, count: int, seed: Sequence[int]) -> Integers:
    """``count`` indices of ``images`` images: each as often as the others, or once more.

    Example:
        >>> sorted(repeated(3, 7, seed=(0, 1)).tolist())
        [0, 0, 1, 1, 2, 2, 2]
    """
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))
    return np.resize(random.permutation(images), count)


def share_of(others: int, share: float) -> int:
    """The number of images that makes ``share`` of all, if there are ``others`` others.

    Example:
        >>> share_of(others=900, share=0.1)
        100
    """
    return max(1, round(others * share / (1 - share)))


def _counts(main: int, parts: Sequence[Part], images: Sequence[int]) -> list[int]:
    """The number of training images that each part after the first gives."""
    whole = main + sum(
        count * part.repeat for part, count in zip(parts, images) if part.share is None
    )
    total = whole / (1 - sum(part.share or 0 for part in parts))
    return [
        count * part.repeat if part.share is None else max(1, round(total * part.share))
        for part, count in zip(parts, images)
    ]


def _hashes(names: Sequence[str], datasets: Sequence[Dataset]) -> Iterator[tuple[str, str]]:
    """The hashes of every part; the part's name precedes each file's name."""
    seen: Counter[str] = Counter()
    for name, dataset in zip(names, datasets):
        seen[name] += 1
        part = name if seen[name] == 1 else f"{name}#{seen[name]}"
        yield from ((f"{part}/{file}", digest) for file, digest in dataset.hashes.items())
