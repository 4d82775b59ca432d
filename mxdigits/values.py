"""Names for values that come from, or go to, files of JSON and YAML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Union

# What json can write. A file that was read is narrowed with isinstance before it is used.
Json = Union[None, bool, int, float, str, Sequence["Json"], Mapping[str, "Json"]]

# Of a model, a data set, an optimizer, ... by name: what they take is theirs to check.
Options = Mapping[str, object]
