"""Sends images through a network. Start reading at ``train_pass.py``, the loop over batches.

- There, each device has a ``DeviceWorker`` (``device_worker.py``) that runs the step, and a
  ``Meter`` (``meter.py``) reads losses while the devices work.
- ``step.py`` is the graph of a training step: bytes scaled to numbers from 0 to 1, the network, the
  gradient of the loss (``objective.py``). ``rewriting.py`` makes it faster on CPUs, including the
  scaling of bytes; ``whole_batch.py`` makes a part of a batch give the same results as within the
  whole batch.
- ``predictor.py`` predicts; ``input_gradients.py`` computes gradients by the pixels;
  ``profiling.py`` measures the time of a step by operator.
"""
