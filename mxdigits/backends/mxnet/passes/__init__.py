"""Images through a network. Start reading at ``train_pass.py``, the loop over an epoch's batches.

- In it each device has a ``DeviceWorker`` (``device_worker.py``) that runs the step, and a
  ``Meter`` (``meter.py``) that reads losses while the devices work.
- ``step.py`` is the graph of a training step: bytes scaled to numbers from 0 to 1, the network, the
  gradient of the loss (``objective.py``). ``rewriting.py`` makes it faster on CPUs, the scaling of
  bytes included; ``whole_batch.py`` makes a part of a batch give what it gives in the whole.
- ``predictor.py`` predicts; ``input_gradients.py`` says how that depends on the pixels;
  ``profiling.py`` has the time of a step by operator.
"""
