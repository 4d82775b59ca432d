"""It cannot be imported."""

raise RuntimeError("not today")
