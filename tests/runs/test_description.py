"""What a network's file says of itself: written as texts, and read from anybody's."""

from __future__ import annotations

import pytest

from mxdigits.errors import DataError
from mxdigits.runs.description import Description

WHOLE = Description(
    name="lenet",
    image_shape=(1, 28, 28),
    input_range=(0, 1),
    classes=("null", "1", 'a "b"', "ä"),
    preprocessing="mnist",
    run="lenet/20261126T110755Z-1cca89",
    made_by="mxdigits 0.1.0",
    sha256={"model-symbol.json": "0" * 64},
    parity={"images": 10, "largest_difference": 1e-7},
)


@pytest.mark.parametrize("whole", [WHOLE, Description(name="true", image_shape=(5,))])
def test_it_reads_back_as_it_was_written(whole):
    texts = whole.texts()
    assert all(isinstance(text, str) for text in texts.values())
    assert Description.of_texts({**texts, "other": "x"}, "x.onnx") == whole


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (
            {},
            "x.onnx does not say what images it takes: it was not written by mxdigits export",
        ),
        ({"image_shape": "[1, 28"}, "x.onnx describes itself in a wrong way: a text"),
        (
            {"name": "a", "image_shape": "[1, 0, 28]"},
            "x.onnx describes itself in a wrong way: image_shape.1",
        ),
        ({"image_shape": "[1]"}, "x.onnx describes itself in a wrong way: name"),
        (
            {"name": "a", "image_shape": "[1]", "classes": "{}"},
            "x.onnx describes itself in a wrong way: classes",
        ),
        ({"image_shape": "[" * 100_000}, "x.onnx describes itself in a wrong way: a text"),
    ],
)
def test_a_file_from_anybody(texts, told):
    with pytest.raises(DataError) as caught:
        Description.of_texts(texts, "x.onnx")
    assert str(caught.value) == told
