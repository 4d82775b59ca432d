"""The format ``onnx-int8``: weights and activations of 8 bits, quantised by onnxruntime."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Optional

from ..arrays import Arrays, Floats
from ..backends.onnx.runtime import import_onnx, import_onnxruntime
from ..errors import NetworkError, UsageError
from ..foreign import describe
from .formats import ExportOptions, Network, Predict
from .onnx import Onnx

# Images with which the ranges of activations are measured; with more images they hardly change.
_CALIBRATED_BY = 512
_BATCH = 64


class OnnxInt8:
    """A file like that of :class:`~mxdigits.export.onnx.Onnx`, but a quarter as large.

    The ranges of activations are measured with images that the network was trained on.

    Example:
        >>> OnnxInt8().suffix, OnnxInt8().exact
        ('-int8.onnx', False)
    """

    suffix = "-int8.onnx"
    exact = False

    def __init__(self) -> None:
        self._plain = Onnx()
        self._content: Optional[bytes] = None

    def check(self, network: Network, options: ExportOptions) -> None:
        """Refuse layers that ONNX lacks, and a network whose training images are not known."""
        self._plain.check(network, options)
        if not network.description.run:
            raise UsageError("onnx-int8 needs training images, which only a run has")

    def files(self, target: Path) -> Sequence[Path]:
        """The one file."""
        return (target,)

    def write(self, network: Network, target: Path, options: ExportOptions) -> None:
        """Quantise and write the file; a second call only changes the metadata."""
        onnx = import_onnx()
        if self._content is None:
            options.say(f"the ranges of 8 bits are measured with {_CALIBRATED_BY} training images")
            images = options.training_images(_CALIBRATED_BY)
            self._content = self._quantized(network, images, options)
        model = onnx.load_model_from_string(self._content)
        onnx.helper.set_model_props(model, network.description.texts())
        target.write_bytes(model.SerializeToString())

    def load(self, target: Path) -> Predict:
        """Return a function that predicts with the file by onnxruntime."""
        return self._plain.load(target)

    def _quantized(self, network: Network, images: Floats, options: ExportOptions) -> bytes:
        import_onnxruntime()
        (name,) = network.graph.inputs
        with tempfile.TemporaryDirectory() as folder, _quiet():
            plain, small = Path(folder, "plain.onnx"), Path(folder, "small.onnx")
            self._plain.write(network, plain, options)
            try:
                quantization = import_module("onnxruntime.quantization")
                quantization.quantize_static(
                    str(plain),
                    str(small),
                    _Images(name, images),
                    quant_format=quantization.QuantFormat.QDQ,
                    per_channel=True,
                    # Without VNNI, processors add up products of 8-bit numbers in too few
                    # bits, and large sums are cut off. Weights of 7 bits avoid that.
                    reduce_range=True,
                    activation_type=quantization.QuantType.QUInt8,
                    weight_type=quantization.QuantType.QInt8,
                )
            except Exception as error:  # onnxruntime raises many kinds, none of its own
                reason = describe(error)
                raise NetworkError([f"onnxruntime cannot quantise it: {reason}"]) from error
            return small.read_bytes()


class _Images:
    """The images in batches, in the form that onnxruntime's calibration reads."""

    def __init__(self, name: str, images: Floats):
        pieces = (images[i : i + _BATCH] for i in range(0, len(images), _BATCH))
        self._pieces: Iterator[Arrays] = ({name: piece} for piece in pieces)

    def get_next(self) -> Optional[Arrays]:
        return next(self._pieces, None)

    def __iter__(self) -> Iterator[Arrays]:
        return self._pieces


@contextmanager
def _quiet() -> Iterator[None]:
    """Hide what onnxruntime logs: its advice is for programmers, not for users."""
    before, handlers = logging.root.manager.disable, [*logging.root.handlers]
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
        logging.root.handlers[:] = handlers  # the first logged message adds a handler
