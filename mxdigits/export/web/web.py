"""The format ``web``: a file that a browser opens from disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...digitize.preprocessing import Preprocessing
from ...errors import UsageError
from ..formats import ExportOptions, Network, Predict
from ..onnx import Onnx, answers_of
from .file import model_in, web_page

# Versions of ONNX's operators that the onnxruntime in the file reads.
NEWEST_OPSET = 22


class Web:
    """One HTML file with the network inside: the page of ``mxdigits serve`` without its server.

    It loads nothing from outside. It keeps no digits, because it has no place to keep them.

    Example:
        >>> Web().files(Path("digits.html"))
        (PosixPath('digits.html'),)
    """

    suffix = ".html"
    exact = True

    def __init__(self) -> None:
        self._onnx = Onnx()

    def check(self, network: Network, options: ExportOptions) -> None:
        """Refuse layers that ONNX lacks, and a network that takes no pictures."""
        self._onnx.check(network, options)
        if options.opset > NEWEST_OPSET:
            raise UsageError(f"opset {options.opset}: the format web takes up to {NEWEST_OPSET}")
        about = network.description
        if not about.classes:
            raise UsageError("web needs the names of classes; write --classes")
        if len(about.image_shape) != 3:
            raise UsageError(
                "web needs images (channels, height, width); "
                f"this network takes {about.image_shape}"
            )
        channels, height, width = about.image_shape
        Preprocessing(about.preprocessing, (channels, height, width)).check()

    def files(self, target: Path) -> Sequence[Path]:
        """The one file."""
        return (target,)

    def write(self, network: Network, target: Path, options: ExportOptions) -> None:
        """Write the file."""
        model = self._onnx.content(network, options)
        target.write_text(web_page(model, network.description), encoding="utf-8")

    def load(self, target: Path) -> Predict:
        """Return a function that predicts with the network in the file by onnxruntime."""
        return answers_of(model_in(target.read_text(encoding="utf-8"), target))
