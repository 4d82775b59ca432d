"""Tables of pixels, such as CSV files, which no data set reads: what to write instead."""

from __future__ import annotations

from pathlib import Path

_TABLES = (".csv", ".tsv", ".parquet", ".feather", ".arff", ".xls", ".xlsx")


def table_instead(path: Path) -> str:
    """What to do with a table of pixels, to follow an error message; empty for other names.

    Example:
        >>> table_instead(Path("mine/train.csv"))  # doctest: +ELLIPSIS
        "; a table of pixels is read as an NPZ file: write numpy.savez('mine/train.npz', x_train=...
        >>> table_instead(Path("mine"))
        ''
    """
    name = path.name.lower()
    if not any(name.endswith((end, end + ".gz", end + ".zip")) for end in _TABLES):
        return ""
    arrays = ", ".join(f"{each}=..." for each in ("x_train", "y_train", "x_test", "y_test"))
    archive = str(path.with_name(path.name.partition(".")[0] + ".npz"))
    return f"; a table of pixels is read as an NPZ file: write numpy.savez({archive!r}, {arrays})"
