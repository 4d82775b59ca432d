"""The operators of :data:`mxdigits.graph.OPERATORS`, each written as a line of Python.

Each is called as ``emitter(layers, *inputs, **attributes)`` and gives the code that makes its
output. Each module holds one family, as those of the backends do, and its ``EMITTERS``.
"""
