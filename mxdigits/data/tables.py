"""Tables of pixels, such as CSV files, which no data set reads: what to write instead."""

from __future__ import annotations

from pathlib import Path

_TABLES = (".csv", ".tsv", ".parquet", ".feather", ".arff", ".xls", ".xlsx")


def is_table(path: Path) -> bool:
    """Whether a file is a table, by its name.

    Example:
        >>> is_table(Path("train.csv.gz")), is_table(Path("train.npz"))
        (True, False)
    """
    name = path.name.lower()
    return any(name.endswith((end, end + ".gz", end + ".zip")) for end in _TABLES)


def archive_of(path: Path) -> str:
    """The NPZ file beside a table, to write its pixels to.

    Example:
        >>> archive_of(Path("train.csv.gz"))
        'train.npz'
    """
    return str(path.with_name(path.name.partition(".")[0] + ".npz"))


def table_instead(path: Path) -> str:
    """What to do with a table of pixels, to follow an error message; empty for other names.

    Example:
        >>> table_instead(Path("mine/train.csv"))  # doctest: +ELLIPSIS
        "; a table of pixels is read as an NPZ file: write numpy.savez('mine/train.npz', x_train=...
        >>> table_instead(Path("mine"))
        ''
    """
    if not is_table(path):
        return ""
    arrays = ", ".join(f"{each}=..." for each in ("x_train", "y_train", "x_test", "y_test"))
    write = f"numpy.savez({archive_of(path)!r}, {arrays})"
    return f"; a table of pixels is read as an NPZ file: write {write}"
