"""JAX as a backend: XLA compiles a graph's function for CPUs, GPUs and TPUs.

Start reading at ``execute.py``, which makes a function of a graph; ``operators/`` holds one
function for each operator: convolution and dense layers in ``layers.py``, pooling and normalization
in files of their own.

- ``step.py`` is one step of training, with the scaling of bytes; ``parts.py`` divides its batch, to
  need less memory; ``epoch.py`` runs many steps.
- ``weights.py`` keeps and updates the weights. ``support.py`` finds what cannot be run here.
- ``loading.py`` loads a run's network. ``devices.py`` tries a device, and reports why it does not
  work.

All results are those of MXNet 1.9.1. Nothing here imports MXNet, and nothing sets an option of JAX
for the whole process.
"""
