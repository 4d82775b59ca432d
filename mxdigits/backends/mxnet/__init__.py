"""Apache MXNet as a backend. Besides models, only this package imports it.

Start reading at ``backend.py``.

- ``runtime.py`` imports MXNet, after what ``installation/`` finds on this machine. ``devices.py``
  tries a device, and says why it does not work.
- ``networks/`` makes Gluon blocks and graphs of each other, ``weights/`` holds the parameters while
  they learn, ``team/`` joins several workers, and ``passes/`` sends images through a network.
- ``slots.py`` has what MXNet's optimizers remember in the form of the other backends;
  ``random.py`` the random numbers that MXNet draws.
- ``names.py`` lists MXNet's optimizers and initializers with their options.
"""
