"""PyTorch as a backend: it runs a graph operation by operation, or as a GPU captured it.

Start reading at ``execute.py``, which runs a graph; ``operators/`` holds one function for each
operator: convolution and dense layers in ``layers.py``, pooling and normalization in files of their
own.

- ``step.py`` is one step of training, with the scaling of bytes; ``parts.py`` divides its batch,
  among workers and to need less memory. ``program.py`` runs the step: as it is, or as a graph that
  an NVIDIA GPU has captured. ``epoch.py`` runs many. ``predictor.py`` predicts.
- ``team.py`` connects several workers, ``rows.py`` finds each worker's images, and
  ``whole_batch.py`` makes parts of a batch give the results of the whole batch.
- ``drawing.py`` draws the random numbers of a step. ``support.py`` finds what cannot be run here.
- ``loading.py`` loads a run's network. ``devices.py`` tries a device, and reports why it does not
  work. ``settings.py`` changes PyTorch's settings while it computes, and restores them afterwards.

All compute what MXNet 1.9.1 computes. Nothing here imports MXNet.
"""
