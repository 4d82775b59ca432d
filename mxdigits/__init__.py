"""mxdigits: train handwritten-digit classifiers on Apache MXNet Gluon."""

__version__ = "0.1.0"
