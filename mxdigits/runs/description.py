"""The description in a network's file: what the network takes and gives, and where it is from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Optional

from pydantic import Field, PositiveInt, ValidationError

from ..digitize.preprocessing import NONE
from ..errors import DataError
from ..storage.schema import Schema

PROBABILITIES = "probabilities"
AS_IS = "what its last layer gives"


class Description(Schema, frozen=True):
    """The description of a network in its file, the same for all formats.

    Args:
        name: the network's name, such as ``lenet``.
        image_shape: of one input: (C, H, W) for images.
        input_range: the numbers that stand for black and white; none if they are not known.
        output: ``probabilities``, or the kind of output of its last layer.
        classes: the names of its outputs; none if they are not known.
        preprocessing: how pictures become images: ``mnist``, or ``none``.
        run: the name of the run that trained it; empty for a network from elsewhere.
        made_by: the mxdigits that wrote the file.
        sha256: of the files that it was made from, by name.
        parity: the result of the comparison with these files; none until it is made.

    Example:
        >>> Description(name="lenet", image_shape=(1, 28, 28)).texts()["image_shape"]
        '[1, 28, 28]'
    """

    name: str
    image_shape: tuple[PositiveInt, ...]
    input_range: Optional[tuple[float, float]] = None
    output: str = PROBABILITIES
    classes: tuple[str, ...] = ()
    preprocessing: str = NONE
    run: str = ""
    made_by: str = ""
    sha256: Mapping[str, str] = Field(default_factory=dict)
    parity: Optional[Mapping[str, object]] = None

    def texts(self) -> dict[str, str]:
        """The fields as texts by name, for formats that hold texts; empty ones are left out."""
        plain = self.model_dump(mode="json")
        return {
            name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for name, value in plain.items()
            if value not in (None, "", [], {})
        }

    @classmethod
    def of_texts(cls, texts: Mapping[str, str], source: object) -> Description:
        """Return the description from :meth:`texts` in a file that anybody may have written.

        Args:
            texts: by name; other names are ignored.
            source: the file's name in messages.

        Raises:
            DataError: if they do not say what the network takes.
        """
        known = {name: text for name, text in texts.items() if name in cls.model_fields}
        if "image_shape" not in known:
            raise DataError(
                f"{source} does not say what images it takes: it was not written by mxdigits export"
            )
        try:
            return cls.model_validate(
                {
                    name: text if cls.model_fields[name].annotation is str else json.loads(text)
                    for name, text in known.items()
                }
            )
        except (ValidationError, ValueError, RecursionError) as error:
            wrong = error.errors()[0]["loc"] if isinstance(error, ValidationError) else ("a text",)
            where = ".".join(map(str, wrong))
            raise DataError(f"{source} describes itself in a wrong way: {where}") from None
