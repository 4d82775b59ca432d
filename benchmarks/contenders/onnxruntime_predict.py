"""onnxruntime: MODEL DATA PREDICTIONS THREADS. Writes what `mxdigits predict` writes.

The network is used as exported. onnxruntime warns that weights which are inputs too may make it
slower; without them among the inputs the MLP was as fast as before, and LeNet a quarter slower.
"""

import sys
from pathlib import Path

import numpy as np
import onnxruntime

from benchmarks import idx

# Of 50, 100, 200, 500, 1000 and 2000 the fastest with the MLP; with LeNet they are equally fast.
BATCH = 500

ERRORS_ONLY = 3


def main():
    model, data, predictions = map(Path, sys.argv[1:4])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(sys.argv[4])
    options.log_severity_level = ERRORS_ONLY
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    (taken,) = session.get_inputs()
    images = idx.read_idx(data, idx.TEST_IMAGES)[:, None]
    labels = idx.read_idx(data, idx.TEST_LABELS)
    pieces = []
    for begin in range(0, len(images), BATCH):
        batch = images[begin : begin + BATCH].astype(np.float32)
        batch *= 1 / 255
        pieces.append(session.run(None, {taken.name: batch})[0])
    prob = np.concatenate(pieces)
    np.savez(predictions, prob=prob, prediction=prob.argmax(1), label=labels.astype(np.int64))


if __name__ == "__main__":
    main()
