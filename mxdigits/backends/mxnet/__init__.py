"""Apache MXNet as a backend. Apart from models, only this package imports MXNet.

Start reading at ``backend.py``.

- ``runtime.py`` imports MXNet, prepared by ``installation/``. ``devices.py`` tries a device, and
  reports why it does not work.
- ``networks/`` converts between Gluon blocks and graphs, ``weights/`` holds the parameters in
  training, ``team/`` joins several workers, and ``passes/`` sends images through a network.
- ``slots.py`` converts the states of MXNet's optimizers to and from the other backends' form;
  ``random.py`` draws MXNet's random numbers.
- ``names.py`` lists MXNet's optimizers and initializers with their options.
"""
