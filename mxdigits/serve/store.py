"""Corrected digits, kept as a ``folder`` data set."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from ..arrays import Pixels
from ..errors import OutputError
from ..storage.files import check_writable, replacing


class StoreFull(OutputError):
    """The store holds as many digits as it may.

    >>> str(StoreFull("the store is full: it holds 10 digits"))
    'the store is full: it holds 10 digits'
    """


class CannotMove(OutputError):
    """A digit could not be moved, and stays under its old label.

    >>> issubclass(CannotMove, OutputError)
    True
    """


class Store:
    """``FOLDER/train/CLASS/NAME.png``, where NAME is made from the picture and never by a client.

    Args:
        folder: made if it does not exist.
        classes: the labels that a digit may have; each gets its folder at once, so that the
            data set has the network's classes.
        most: the most digits that it holds.

    Raises:
        OutputError: if the folder cannot be written to, or a class cannot name a folder.

    >>> import numpy as np
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     store = Store(Path(folder), tuple("0123456789"), most=1000)
    ...     path = store.add(np.zeros((28, 28), np.uint8), "7")
    ...     path.parent.as_posix(), store.count
    ('train/7', 1)
    """

    def __init__(self, folder: Path, classes: Sequence[str], most: int):
        self.folder, self._classes, self._most = folder, tuple(classes), most
        for name in self._classes:
            if not name or Path(name).name != name or name.startswith("."):
                raise OutputError(f"cannot keep digits: the class {name!r} cannot name a folder")
        try:
            for name in self._classes:
                self._of(name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot write to {folder}: {error.strerror}") from None
        check_writable(folder / "train" / "a digit")
        self.count = sum(1 for _ in folder.glob("train/*/*.png"))

    @property
    def full(self) -> bool:
        return self.count >= self._most

    def add(self, image: Pixels, label: str) -> Path:
        """Keep a picture of a digit, grey uint8 (H, W), and return its path within the folder.

        A picture that is there already is not kept twice; with another label, it is moved to that
        label. Only one thread at a time may call this.

        Raises:
            KeyError: if there is no such label.
            StoreFull: if the store holds ``most`` digits.
            OutputError: if it cannot be written, or moved.
        """
        if label not in self._classes:
            raise KeyError(label)
        content = repr(image.shape).encode() + image.tobytes()
        name = hashlib.sha256(content).hexdigest()[:20] + ".png"
        path = self._of(label) / name
        try:
            self._move(name, path)
            if not path.exists():
                self._write(image, path)
        except OSError as error:
            raise OutputError(f"cannot write {path}: {error.strerror or error}") from None
        return path.relative_to(self.folder)

    def _write(self, image: Pixels, path: Path) -> None:
        if self.full:
            raise StoreFull(f"the store is full: it holds {self._most} digits")
        with replacing(path) as temporary:
            Image.fromarray(image).save(temporary, format="PNG")
        self.count += 1

    def _move(self, name: str, path: Path) -> None:
        """Move a digit from other labels to its path; at no time does it exist twice."""
        for other in self._classes:
            old = self._of(other) / name
            if old == path or not old.exists():
                continue
            both = path.exists()  # as after an unfinished move
            try:
                os.replace(old, path)
            except OSError as error:
                raise CannotMove(f"cannot move {old} to {path}: {error.strerror}") from None
            self.count -= both

    def _of(self, label: str) -> Path:
        return self.folder / "train" / label
