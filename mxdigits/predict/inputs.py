"""Reads the inputs that a user names: pictures, folders, globs, ``-``, IDX, NPZ, data sets.

Images are read one at a time, so a million of them need the memory of one.
"""

from __future__ import annotations

import glob
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Optional

import numpy as np

from ..arrays import Floats, Pixels, Shape
from ..data.dataset import Dataset, Split
from ..data.idx import idx_images, is_idx
from ..data.idx_folder import holds_idx
from ..data.images import ImageFile, check_brightness
from ..data.npz import is_npz, npz_images
from ..data.oddities import inverted_dataset_for, inverted_for
from ..data.walk import Walker
from ..digitize.digits.size import SIZE
from ..digitize.pixels.components import Box
from ..digitize.preprocessing import NONE, Preprocessing
from ..errors import DataError, InputsMissing
from .input_names import STDIN, matching, may_be_pictures, missing
from .other_files import more_follow, of_content, what_instead
from .page_notes import guessed_marks, more_digits, no_digit
from .run_data import UNKNOWN, RunData

# It imports Pillow, which takes longer than predicting with a small network.
if TYPE_CHECKING:
    from ..digitize.digit import Marks
    from ..digitize.picture_reader import PictureReader, ReadPage

_LOOKED_AT = 100  # images of a file that are checked for inverted ink

_INVERTED = "inverted"  # marks in `_told` that this was said
_DIGITIZE = ", or have them digitized by --preprocessing mnist"


@dataclass(frozen=True, eq=False)
class Item:
    """One image for a network.

    ``file`` is where it comes from; ``image`` is uint8 (C, H, W). ``label`` is set for data sets;
    ``box``, ``line``, ``angle`` and ``marks``, as in :class:`Digit`, if a picture is read for
    several digits; ``picture`` (H, W) if there was one. ``likeness`` is how much the ink looks like
    a digit.

    >>> import numpy as np
    >>> item = Item("photo.jpg", np.zeros((1, 28, 28), np.uint8))
    >>> item.label is None, item.image.shape
    (True, (1, 28, 28))
    """

    file: str
    image: Pixels
    label: Optional[int] = None
    box: Optional[Box] = None
    picture: Optional[Floats] = None
    line: Optional[int] = None
    angle: Optional[float] = None
    likeness: float = 1.0
    marks: Marks = ("", "")


@dataclass(frozen=True)
class Reader:
    """Reads inputs for a network.

    ``many`` asks for every digit of a picture instead of one; ``split`` is the part of data sets.
    ``unread`` gets the error of each picture that cannot be read and is skipped. ``data`` says how
    data sets and IDX files are read. ``resizing`` is a sentence that is told once if a picture has
    another size than the network takes, and is only resized.

    >>> data = RunData("mnist", {}, tuple("0123456789"), print)
    >>> reader = Reader(Preprocessing("mnist", (1, 28, 28)), False, "test", print, data)
    >>> next(reader.items(["mnist"])).label
    7
    """

    preprocessing: Preprocessing
    many: bool
    split: str
    unread: Callable[[DataError], None]
    data: RunData
    resizing: str = ""

    @cached_property
    def _told(self) -> set[str]:
        return {""}

    @cached_property
    def pictures(self) -> PictureReader:
        """The reader of pictures, which works in a process of its own."""
        from ..digitize.picture_reader import PictureReader

        return PictureReader()

    def start(self, names: Iterable[str]) -> None:
        """Start the reader of pictures if one of these inputs may be a picture."""
        if any(map(may_be_pictures, names)):
            self.pictures.start()

    def items(self, names: Iterable[str]) -> Iterator[Item]:
        """Yield every image of every input, in order; call :meth:`check` before.

        Raises:
            DataError: if a data set cannot be read, or its images do not suit the network.
        """
        for name in names:
            yield from self._input(name)

    def check(self, names: Iterable[str]) -> None:
        """Check now, not after an hour of predictions, that each name stands for something to read.

        Raises:
            InputsMissing: with the reason for each name that does not.
            DataError: if a folder cannot be read.
        """
        named = [*names]
        problems = [problem for problem in map(missing, named) if problem]
        if named.count(STDIN) > 1:
            problems.append("standard input can be read only once; write - only once")
        if problems:
            raise InputsMissing(problems)

    def _input(self, name: str) -> Iterator[Item]:
        path = Path(name)
        if name == STDIN:
            yield from self._picture(STDIN)
        elif path.is_dir() and not holds_idx(path):
            yield from self._below(path)
        elif path.is_dir():
            yield from self._dataset(replace(self.data.load(name), name=name))
        elif path.exists():
            yield from self._file(path)
        elif glob.has_magic(name):
            files, passed = matching(name)
            for each in files:
                yield from self._file(Path(each))
            self._say([f"{name}: {line}" for line in passed.lines])
        else:
            yield from self._dataset(self.data.load(name))

    def _file(self, path: Path) -> Iterator[Item]:
        if is_idx(path):
            yield from self._images(idx_images(path), transposed=self.data.transposed)
        elif is_npz(path):
            yield from self._images(npz_images(path))
        elif what := what_instead(path):
            self.unread(DataError(f"{path}: no picture, but {what}"))
        else:
            yield from self._picture(str(path))

    def _below(self, folder: Path) -> Iterator[Item]:
        walker = Walker(folder, self.unread)
        for path in walker.below(folder):
            yield from self._picture(str(path))
        self._say(walker.notes)

    def _say(self, lines: Sequence[str]) -> None:
        for line in lines:
            self.data.say(line)

    def _picture(self, name: str) -> Iterator[Item]:
        called = "standard input" if name == STDIN else name
        try:
            source = sys.stdin.buffer.read() if name == STDIN else name
        except OSError as error:  # standard input may be open for writing only
            self.unread(DataError(f"cannot read standard input: {error.strerror or error}"))
            return
        if source == b"":
            self.unread(DataError("standard input is empty, or closed"))
            return
        if isinstance(source, bytes) and (what := of_content(source)):
            self.unread(DataError(f"{called}: no picture, but {what}"))
            return
        if isinstance(source, bytes) and more_follow(source):
            self.data.say(
                f"{called}: only the first picture is read, and more follow; name the files"
            )
        try:
            for page in self.pictures.digits(
                source, self.preprocessing, many=self.many, name=called
            ):
                yield from self._digits(name + page.name.removeprefix(called), page)
        except DataError as error:
            self.unread(error)

    def _digits(self, name: str, page: ReadPage) -> Iterator[Item]:
        items = []
        for digit in page.digits:
            if not self.many:
                self._tell_of_resizing(digit.box)
                check_brightness(name, int(digit.image.max()))
                self._tell_of_ink(name, digit.image)
            item = Item(name, digit.image, picture=page.light, likeness=digit.likeness)
            if self.many:
                item = replace(item, box=digit.box, line=digit.line, angle=digit.angle)
                item = replace(item, marks=digit.marks)
            items.append(item)
        none_left = not items or not page.seen
        if not none_left and page.seen > len(items):
            self.data.say(f"{name}: {more_digits(page.seen, len(items), self.many)}")
        if none_left:
            other_ink = bool(items or page.seen)
            self.unread(DataError(f"{name}: {no_digit(other_ink, self.many)}"))
            return
        if marks := sum(bool(mark) for item in items for mark in item.marks):
            self.data.say(f"{name}: {guessed_marks(marks)}")
        yield from items

    def _tell_of_resizing(self, box: tuple[int, int, int, int]) -> None:
        _, height, width = self.preprocessing.image_shape
        if self.resizing not in self._told and box[2:] != (width, height):
            self._told.add(self.resizing)
            self.data.say(self.resizing)

    def _tell_of_ink(self, name: str, image: Pixels) -> None:
        """Say once if a picture that is not digitized has inverted ink."""
        if self.preprocessing.name != NONE or _INVERTED in self._told:
            return
        advice = "invert such pictures" + _DIGITIZE * (image.shape[1:] == (SIZE, SIZE))
        note = inverted_for(self.preprocessing.dark_on_light, image, "the picture is", advice)
        if note:
            self._told.add(_INVERTED)
            self.data.say(f"{name}: {note}")

    def _images(
        self, opened: AbstractContextManager[ImageFile], *, transposed: bool = False
    ) -> Iterator[Item]:
        with opened as file:
            if transposed:
                self.data.say(
                    f"{file.name} is read with the options of the run's data: transpose=true"
                )
                file = file.transposed()
            self._check(file.name, file.image_shape)
            self._say(file.notes)
            images = iter(file)
            first = list(islice(images, _LOOKED_AT))
            if note := inverted_for(self.preprocessing.dark_on_light, np.stack(first)):
                self.data.say(f"{file.name}: {note}")
            for image in chain(first, images):
                yield Item(file.name, image)

    def _dataset(self, dataset: Dataset) -> Iterator[Item]:
        """Yield every image of the requested part of a data set, in order."""
        if note := inverted_dataset_for(self.preprocessing.dark_on_light, dataset):
            self.data.say(note)
        yield from items_of(dataset.name, self.part(dataset))

    def part(self, dataset: Dataset) -> Split:
        """Return the requested part of a data set; tell of labels that the network does not know.

        Raises:
            DataError: if its images do not suit the network.
        """
        split = dataset.part(self.split)
        self._check(dataset.name, dataset.image_shape)
        unknown = int((split.labels == UNKNOWN).sum())
        if unknown:
            self.data.say(
                f"{dataset.name}: {unknown} labels are of classes that the network does not know; "
                f"they are left out"
            )
        return split

    def _check(self, name: str, shape: Shape) -> None:
        if shape != self.preprocessing.image_shape:
            raise DataError(
                f"{name}: the images are of shape {shape}; "
                f"the network takes {self.preprocessing.image_shape}"
            )


def items_of(name: str, split: Split) -> Iterator[Item]:
    """Yield the images of a part of the data set ``name``, in order.

    Example:
        >>> import numpy as np
        >>> split = Split(np.zeros((2, 1, 28, 28), np.uint8), np.array([7, UNKNOWN]))
        >>> [item.label for item in items_of("mine", split)]
        [7, None]
    """
    for image, label in zip(split.images, split.labels.tolist()):
        yield Item(name, image, label=None if label == UNKNOWN else label)
