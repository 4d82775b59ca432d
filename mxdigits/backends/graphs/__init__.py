"""What the backends have in common that run a graph themselves: XLA, PyTorch, onnxruntime.

No library is imported here but NumPy; a backend brings its own, as in ``functions.py``.

- Before a fit: ``abstract.py`` finds shapes, ``unsupported.py`` names layers that a backend lacks,
  ``loading.py`` reads a run's network, ``initializers.py`` draws the first weights.
- A fit: ``epochs.py`` counts its batches, and ``readings.py`` reads their results later.
  ``fit_weights.py`` are its weights, changed by ``optimizers.py``, whose formulas stand in
  ``updates/``; ``averages.py``, ``statistics.py`` and ``loss_scaling.py`` go with them.
- Operators: ``arithmetic.py``, ``shapes.py``, ``windows.py``, ``drawing.py``, ``pool_first.py``.
"""
