"""ONNX: a network as a file of that form, and onnxruntime, which predicts with it and trains not.

``model.py`` makes the file of a Graph, one function of ``operators/`` a layer; ``backend.py`` runs
it. Only ``runtime.py`` says whether ``onnx`` and ``onnxruntime`` are installed.
"""
