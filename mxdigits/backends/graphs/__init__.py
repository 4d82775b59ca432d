"""Shared by the backends that run graphs themselves: XLA, PyTorch and onnxruntime.

It imports only NumPy; each backend passes in its own library, as in ``functions.py``.

- Before a fit: ``abstract.py`` finds shapes and reads a run's network, ``known_shapes.py`` has
  rules for common layers, ``unsupported.py`` names layers that a backend lacks, and
  ``initializers.py`` draws the initial weights.
- A fit: ``epochs.py`` counts its batches, and ``readings.py`` reads their results later.
  ``fit_weights.py`` holds its weights; ``optimizers.py`` updates them by the formulas in
  ``updates/``; ``averages.py``, ``statistics.py`` and ``loss_scaling.py`` belong to them.
- Operators: ``arithmetic.py``, ``shapes.py``, ``windows.py``, ``stochastic.py``, ``pool_first.py``.
"""
