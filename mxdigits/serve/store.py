"""Digits that somebody corrected, kept as a ``folder`` data set."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..errors import OutputError
from ..files import check_writable, replacing


class Store:
    """``FOLDER/train/CLASS/NAME.png``, where NAME is made from the picture and never by a client.

    Args:
        folder: made if it is not there.
        classes: the labels that a digit may have; each gets its folder at once, so that the
            classes of the data set are those of the network.
        most: how many digits it holds.

    Raises:
        OutputError: if the folder cannot be written to, or a class cannot name a folder.
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

    def add(self, image: NDArray[np.uint8], label: str) -> Path:
        """Keep a picture of a digit, grey uint8 (H, W), and return its path within the folder.

        The same picture again is not kept twice; under another label it moves there.

        Raises:
            KeyError: if there is no such label.
            OutputError: if it cannot be written.
        """
        if label not in self._classes:
            raise KeyError(label)
        name = (
            hashlib.sha256(repr(image.shape).encode() + image.tobytes()).hexdigest()[:20] + ".png"
        )
        path = self._of(label) / name
        if not path.exists():
            with replacing(path) as temporary:
                Image.fromarray(image).save(temporary, format="PNG")
            self.count += 1
        for other in self._classes:
            if other != label and (self._of(other) / name).exists():
                (self._of(other) / name).unlink()
                self.count -= 1
        return path.relative_to(self.folder)

    def _of(self, label: str) -> Path:
        return self.folder / "train" / label
