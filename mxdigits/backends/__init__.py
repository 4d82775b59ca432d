"""The backends, which execute and train networks: one package each, behind ``base.py``'s protocol.

A backend knows a graph, arrays, its optimizers and its devices. It knows no callback, schedule,
recipe or file of a run. Start reading at ``base.py``; ``network.py`` holds the form of a network
that backends take, and which of its parameters learn; ``settings.py`` how it learns.

- ``choose.py`` chooses a backend and its devices, and reports those passed over. Each backend's
  ``devices.py`` tries a device, and gives the reason if it does not work.
- ``context.py`` reads users' choices of devices: ``gpu(0,1)``, ``auto``, a list by preference.
- ``batches.py`` decides which images come in which batch, the same for all backends; ``limits.py``
  how large a network from a file may be.
- ``profiling.py`` has what the backends' own ``profiling.py`` take and return: the time of a step
  by operator.
- ``mxnet/`` is Apache MXNet, ``xla/`` is JAX, ``torch/`` is PyTorch. ``onnx/``,
  which is onnxruntime, predicts only.
- ``graphs/`` is shared by the backends that run a graph themselves, ``team/`` is for several
  workers, and ``race/`` finds the fastest backend.

Words:

- context: a device as MXNet names it, such as ``cpu(0)`` or ``gpu(1)``.
- passed over: a device that was asked for and does not work here, while a later choice does.
"""
