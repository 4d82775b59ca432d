"""Draws a curve as lines of text."""

from __future__ import annotations

import numpy as np

from ...arrays import Doubles

_HEIGHT = 12


def curve_lines(
    values: Doubles, ends: tuple[str, str], *, width: int, mark: int, ascii_only: bool = False
) -> list[str]:
    r"""Draw values from left to right, labelled with the highest and the least value.

    Args:
        values: (N,), finite.
        ends: the labels below the first and the last value.
        width: characters in each line.
        mark: the index of a value to mark with a vertical line; -1 for none.
        ascii_only: whether the terminal lacks the characters for frames.

    >>> lines = curve_lines(np.array([1.0, 1, 9]), ("1e-3", "1"), width=9, mark=1,
    ...                     ascii_only=True)
    >>> print("\n".join([lines[0], lines[11], *lines[12:]]))
    9 |  :  *
    1 |***
      +------
       1e-3 1
    """
    labels = [f"{value:.3g}" for value in (values.max(), values.min())]
    room = max(map(len, labels))
    columns = max(width - room - 2, 4)
    places = np.linspace(0, len(values) - 1, columns)
    heights = np.interp(places, np.arange(len(values)), values)
    span = float(np.ptp(values)) or 1.0
    rows = np.rint((values.max() - heights) / span * (_HEIGHT - 1)).astype(int)
    dot, upright, side, corner, floor = "*:|+-" if ascii_only else "●┊│└─"
    drawn = [[" "] * columns for _ in range(_HEIGHT)]
    if mark >= 0:
        column = round(mark / max(len(values) - 1, 1) * (columns - 1))
        for row in drawn:
            row[column] = upright
    for column, row_number in enumerate(rows):
        drawn[row_number][column] = dot
    beside = [labels[0], *[""] * (_HEIGHT - 2), labels[1]]
    lines = [f"{label:>{room}} {side}{''.join(row)}" for label, row in zip(beside, drawn)]
    gap = max(columns - len(ends[0]) - len(ends[1]), 1)
    return [
        *(line.rstrip() for line in lines),
        f"{'':>{room}} {corner}{floor * columns}",
        f"{'':>{room}}  {ends[0]}{' ' * gap}{ends[1]}",
    ]
