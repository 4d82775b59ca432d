"""Apache MXNet as a backend. Besides models, only this package imports it.

Start reading at ``backend.py``.

- ``train_pass.py`` is the loop over the batches of an epoch. In it each device has a
  ``DeviceWorker`` that runs the step, ``Weights`` that hold and update the parameters, and a
  ``Meter`` that reads losses while the devices work.
- ``step.py`` is the graph of a training step: bytes scaled to numbers from 0 to 1, the network, the
  gradient of the loss. ``rewriting.py`` makes it faster on CPUs, the scaling of bytes included.
- ``predictor.py`` predicts; ``saved_network.py`` loads a run's network.
- ``devices.py`` tries a device, and says why it does not work. ``runtime.py`` imports MXNet.
- ``names.py`` lists MXNet's optimizers and initializers with their options.
"""
