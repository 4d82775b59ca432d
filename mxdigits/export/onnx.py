"""The format ``onnx``: for onnxruntime, and for all programs that read ONNX."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..backends.onnx.runtime import import_onnx, import_onnxruntime
from .formats import ExportOptions, Network, Predict

INPUT, OUTPUT = "data", "prob"


class Onnx:
    """One file that maps any number of images, float32 (N, C, H, W), 0 to 1, to probabilities.

    Its metadata are those of :class:`~mxdigits.runs.description.Description`.

    Example:
        >>> [str(file) for file in Onnx().files(Path("lenet.onnx"))]
        ['lenet.onnx']
    """

    suffix = ".onnx"
    exact = True

    def check(self, network: Network, options: ExportOptions) -> None:
        """Refuse layers that ONNX lacks, and an opset that does not exist."""
        import_onnxruntime()
        import_onnx()
        from ..backends.onnx.support import check_opset, check_supported

        check_opset(options.opset)
        check_supported(network.graph, options.opset)

    def files(self, target: Path) -> Sequence[Path]:
        """The one file."""
        return (target,)

    def write(self, network: Network, target: Path, options: ExportOptions) -> None:
        """Write the file."""
        target.write_bytes(self.content(network, options))

    def content(self, network: Network, options: ExportOptions) -> bytes:
        """The file's content, which onnx's own checker has accepted."""
        from ..backends.onnx.model import Input, WrittenModel

        (name,) = network.graph.inputs
        shape = (None, *network.description.image_shape)
        written = WrittenModel(
            network.graph, network.arrays, {name: Input(shape)}, [OUTPUT], opset=options.opset
        )
        written.describe(network.description.texts())
        return written.checked()

    def load(self, target: Path) -> Predict:
        """Return a function that predicts with the file by onnxruntime."""
        return answers_of(target.read_bytes())


def answers_of(content: bytes) -> Predict:
    """Return a function that predicts with the content of an ONNX file of one input and one output.

    Example:
        >>> answers_of(Path("lenet.onnx").read_bytes())(images)  # doctest: +SKIP
    """
    from ..backends.onnx.session import Session

    session = Session(content)
    (taken,) = session.inputs
    return lambda images: session.run({taken.name: images})[0]
