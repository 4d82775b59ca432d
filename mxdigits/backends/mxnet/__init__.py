"""Apache MXNet as a backend. Besides models and augmentations, only this package imports it.

Start reading at ``backend.py``. It trains by a ``TrainPass``, in which each device has a
``DeviceWorker`` that runs the step, ``Weights`` that hold and update the parameters, and a
``Meter`` that reads losses while the devices work on.
"""
