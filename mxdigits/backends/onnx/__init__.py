"""ONNX: writes a network as an ONNX file, and predicts with it by onnxruntime; no training.

``model.py`` writes the file of a Graph, with one function of ``operators/`` per layer;
``backend.py`` runs it. Only ``runtime.py`` imports ``onnx`` and ``onnxruntime``, and reports if
they are missing.
"""
