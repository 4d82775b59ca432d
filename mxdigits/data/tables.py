"""Tables, arrays and archives that no data set reads, such as CSV: what to write instead."""

from __future__ import annotations

from pathlib import Path

_TABLES = (".csv", ".tsv", ".parquet", ".feather", ".arff", ".xls", ".xlsx")
_ARRAYS = (".npy", ".h5", ".hdf5", ".mat", ".pt", ".pth", ".pkl", ".pickle")
_ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".7z", ".rar")


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


def is_array_file(path: Path) -> bool:
    """Whether a file holds arrays in a format that no data set reads, by its name.

    Example:
        >>> is_array_file(Path("usps.h5")), is_array_file(Path("train.npz"))
        (True, False)
    """
    return path.name.lower().endswith(_ARRAYS)


def what_instead_of(path: Path) -> str:
    """What to do with a file that no data set reads, to follow an error; empty for other names.

    Example:
        >>> what_instead_of(Path("mine/train.csv"))  # doctest: +ELLIPSIS
        "; a table of pixels is read as an NPZ file: write numpy.savez('mine/train.npz', x_train=...
        >>> what_instead_of(Path("digits.tar.gz")), what_instead_of(Path("mine"))
        ('; unpack it, and name what comes out', '')
    """
    table = is_table(path)
    if not table and path.name.lower().endswith(_ARCHIVES):
        return "; unpack it, and name what comes out"
    if not table and not is_array_file(path):
        return ""
    arrays = ", ".join(f"{each}=..." for each in ("x_train", "y_train", "x_test", "y_test"))
    write = f"numpy.savez({archive_of(path)!r}, {arrays})"
    what = "a table of pixels is" if table else "its arrays are"
    return f"; {what} read as an NPZ file: write {write}"
