"""A model of ONNX, executed by onnxruntime on a CPU or a GPU."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Optional

from ...arrays import Arrays, Numbers
from ...errors import NetworkError
from ...foreign import first_line
from .runtime import import_onnxruntime
from .types import Provider

if TYPE_CHECKING:
    from onnxruntime import NodeArg

CPU = "CPUExecutionProvider"
_ERRORS_ONLY = 3


class Session:
    """A model ready to run.

    Args:
        content: the bytes of the file.
        providers: the providers of onnxruntime, in order of preference.
        threads: the number of threads for one batch; OMP_NUM_THREADS by default.

    Raises:
        NetworkError: if onnxruntime cannot run the model.

    Example:
        >>> session = Session(Path("digits.onnx").read_bytes())  # doctest: +SKIP
        >>> session.run({session.inputs[0].name: images})[0].shape  # doctest: +SKIP
        (100, 10)
    """

    def __init__(
        self, content: bytes, providers: Sequence[Provider] = (CPU,), threads: Optional[int] = None
    ):
        runtime = import_onnxruntime()
        options = runtime.SessionOptions()
        options.log_severity_level = _ERRORS_ONLY
        options.intra_op_num_threads = threads if threads is not None else threads_wanted()
        # Otherwise threads wait for the next batch in a loop, and take CPU time from its
        # preparation: with two threads, the MLP takes twice as much CPU time, and LeNet a quarter
        # more.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = runtime.InferenceSession(content, options, providers=list(providers))
        except Exception as error:  # its errors have no common class
            raise NetworkError([f"onnxruntime cannot run it: {first_line(error)}"]) from error
        self.inputs: list[NodeArg] = self._session.get_inputs()
        self.outputs: list[NodeArg] = self._session.get_outputs()

    @property
    def texts(self) -> dict[str, str]:
        """The model's metadata."""
        return dict(self._session.get_modelmeta().custom_metadata_map)

    def run(self, given: Arrays) -> list[Numbers]:
        """Run the model, and return all outputs.

        Raises:
            NetworkError: if the model fails on these inputs.
        """
        try:
            outputs: list[Numbers] = self._session.run(None, dict(given))
        except Exception as error:
            raise NetworkError([f"onnxruntime cannot run it: {first_line(error)}"]) from error
        return outputs


def threads_wanted() -> int:
    """The number of threads in OMP_NUM_THREADS; 0 if unset, which leaves it to onnxruntime.

    Example:
        >>> os.environ["OMP_NUM_THREADS"] = "2"  # doctest: +SKIP
        >>> threads_wanted()  # doctest: +SKIP
        2
    """
    written = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    return int(written) if written.isdecimal() else 0
