"""PyTorch as a backend: a graph run operation by operation, compiled, or captured by a GPU.

Start reading at ``execute.py``, which runs a graph; ``operators/`` holds one function for each
operator: convolution and dense layers in ``layers.py``, pooling and normalization in files of their
own.

- ``step.py`` is one step of training, with the scaling of bytes. ``program.py`` runs it: as it is,
  compiled for a processor, or as a graph that an NVIDIA GPU has captured. ``epoch.py`` runs many.
- ``team.py`` is how several workers meet, ``rows.py`` says which images each of them takes, and
  ``whole_batch.py`` makes of their parts what the whole batch gives.
- ``drawing.py`` has the random numbers of a step. ``support.py`` says what cannot be run here.
- ``loading.py`` loads a run's network. ``devices.py`` tries a device, and says why it does not
  work. ``settings.py`` has what PyTorch is set to while it computes, and is set back afterwards.

All compute what MXNet 1.9.1 computes. Nothing here imports MXNet.
"""
