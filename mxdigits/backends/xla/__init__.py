"""JAX as a backend: a graph as a function that XLA compiles, for CPUs, GPUs and TPUs.

``operators/`` holds one function for each operator, ``execute.py`` makes a function of a graph, and
``optimizers.py`` changes weights. All compute what MXNet 1.9.1 computes; nothing here imports
MXNet, and nothing sets an option of JAX for the whole process. Start reading at ``execute.py``.
"""
