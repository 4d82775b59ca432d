"""Writes a run's network as ONNX, for any number of images: RUN_FOLDER FILE."""

import sys
from pathlib import Path

import numpy as np

from mxdigits import import_mxnet

mx = import_mxnet()


def main():
    folder, target = map(Path, sys.argv[1:])
    mx.onnx.export_model(
        str(folder / "model-symbol.json"),
        str(folder / "model-0000.params"),
        in_shapes=[(1, 1, 28, 28)],
        in_types=np.float32,
        onnx_file_path=str(target),
        dynamic=True,
        dynamic_input_shapes=[("N", 1, 28, 28)],
    )


if __name__ == "__main__":
    main()
