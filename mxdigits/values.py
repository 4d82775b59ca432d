"""Names for values that come from, or go to, files of JSON and YAML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Union

# What was read from JSON or YAML and may have any form. Whoever takes it apart catches the
# LookupError, TypeError, ValueError and AttributeError of what has another form than expected.
Unchecked = Any

# What json can write.
Json = Union[None, bool, int, float, str, Sequence["Json"], Mapping[str, "Json"]]

# Of a model, a data set, an optimizer, ... by name: what they take is theirs to check.
Options = Mapping[str, object]
