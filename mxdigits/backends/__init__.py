"""What executes and trains a network: one package each, behind the protocol of ``base.py``.

A backend knows a graph, arrays, its optimizers and its devices. It knows no callback, schedule,
recipe or file of a run. Start reading at ``base.py``; ``network.py`` is a network as backends take
it, ``settings.py`` how it learns.

- ``choose.py`` chooses a backend and its devices, and says which were passed over. Each backend's
  ``devices.py`` tries a device and gives the reason why it does not work.
- ``context.py`` reads what users write of devices: ``gpu(0,1)``, ``auto``, a list by preference.
- ``batches.py`` says which images come in which batch, the same for all backends; ``learning.py``
  which parameters learn, by patterns of their names.
- ``profiling.py``: what is asked of a backend's own, which tell the time of a step by operator.
- ``mxnet/`` is Apache MXNet, ``xla/`` is JAX, ``torch/`` is PyTorch. ``onnx/``,
  which is onnxruntime, predicts only.
- ``graphs/`` is what those that run a graph themselves have in common, ``team/`` what several
  workers need, and ``race/`` finds the fastest.

Words:

- context: a device as MXNet names it, such as ``cpu(0)`` or ``gpu(1)``.
- passed over: a device that was asked for and does not work here, where a later choice does.
"""
