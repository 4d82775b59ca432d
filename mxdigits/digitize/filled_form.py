"""Reads a form with a digit in most of its cells, by lines that are seen or that may be there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

import numpy as np

from ..arrays import Floats
from .clearing import as_if_whole
from .digits.likeness import LIKELY
from .digits.one_to_a_cell import FilledCells, one_to_a_cell
from .lines.cells import Cells
from .lines.even_form_lines import even_form_lines
from .lines.flattening import Flattened, flattened
from .lines.form_lines import FormLines, form_lines

_FEW = 0.05  # of the digits in cells: most pieces beside them if the lines are straight
_LIKELY = 0.9  # of a form's digits: least that look like digits if its lines are hardly seen


def filled_form(ink: Floats, dark: Floats, seen: Optional[FormLines]) -> Optional[FilledCells]:
    """The digits of a form; None if the page is no form with one in most of its cells.

    Args:
        ink: (H, W) from 0 for paper to 1 for ink.
        dark: (H, W), the luminance in which it is dark; below 0 outside of the picture.
        seen: the form's lines, as far as they are seen.

    Example:
        >>> filled_form(np.zeros((400, 400), np.float32), np.ones((400, 400)), None) is None
        True
    """
    lines = even_form_lines(ink, dark, seen)
    if lines is not seen and lines is not None:
        filled = _filled(ink, dark, lines)
        if filled is not None and _share_likely(filled) >= _LIKELY:
            return filled
    filled = None if seen is None else _filled(ink, dark, seen)
    if filled is None and seen is not None and lines is seen and Cells(seen).are_wide():
        # Of dashed lines, a few may be seen that are as even as all of them.
        lines = even_form_lines(ink, dark, None)
        filled = None if lines is None else _filled(ink, dark, lines)
        if filled is not None and _share_likely(filled) < _LIKELY:
            return None
    return filled


@dataclass(frozen=True, eq=False)
class FlatForm:
    """The digits of a form whose lines were not straight, on the flattened page.

    Example:
        >>> nothing = np.zeros((40, 40), np.float32)
        >>> flat_form(nothing, 1 - nothing, None) is None
        True
    """

    page: Flattened
    filled: FilledCells


def flat_form(ink: Floats, dark: Floats, filled: Optional[FilledCells]) -> Optional[FlatForm]:
    """The digits of a form after it is flattened; None if it is straight, or no more are found.

    Args:
        ink: (H, W) from 0 for paper to 1 for ink.
        dark: (H, W), the luminance in which it is dark; below 0 outside of the picture.
        filled: the digits that are found without that.

    Example:
        >>> flat_form(np.zeros((400, 400), np.float32), np.ones((400, 400)), None) is None
        True
    """
    if filled is not None and filled.beside.sum() <= _FEW * len(filled.digits):
        return None
    page = flattened(ink, dark)
    if page is None:
        return None
    found = filled_form(page.ink, page.dark, form_lines(page.ink))
    if found is None or _share_likely(found) < _LIKELY:
        return None
    more = filled is None or len(found.digits) > len(filled.digits)
    return FlatForm(page, found) if more else None


def _filled(ink: Floats, dark: Floats, lines: FormLines) -> Optional[FilledCells]:
    cleaned = as_if_whole(np.maximum(lines.taken_from(ink, dark), 0))
    return one_to_a_cell(cleaned, dark, Cells(lines))


def _share_likely(filled: FilledCells) -> float:
    """The share of the digits that look like digits."""
    return sum(part.likeness >= LIKELY for part in filled.digits) / max(1, len(filled.digits))
