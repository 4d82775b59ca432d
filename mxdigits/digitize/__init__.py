"""From a picture to the form of MNIST's images, and from a page to its digits.

Nothing here knows a network or a run. Start reading at ``mnist_form.py``.
"""
