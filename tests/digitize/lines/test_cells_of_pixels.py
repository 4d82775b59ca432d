"""Which cell of a form each pixel lies in, found row by row, against place by place."""

from __future__ import annotations

import numpy as np
import pytest

from mxdigits.digitize.lines.cells import Cells
from mxdigits.digitize.lines.form_lines import FormLines
from mxdigits.digitize.lines.rules import Rules


@pytest.mark.parametrize("slope", [0.0, 0.03, -0.05])
def test_row_by_row_is_as_place_by_place(slope):
    bands = [(at, at + 2) for at in range(0, 301, 50)]
    frame = (slice(40, 342), slice(50, 352))
    cells = Cells(FormLines(frame, Rules(slope, bands), Rules(-slope, bands)))
    y, x = np.indices((400, 410))
    places = np.stack([x.ravel(), y.ravel()], axis=1)
    found = cells.of_pixels((400, 410))
    np.testing.assert_array_equal(found.ravel(), cells.of(places))
    assert len(np.unique(found)) == 37
