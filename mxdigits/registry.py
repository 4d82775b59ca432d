"""The registries of plugins, under the public name that plugins and their tests import.

Example:
    >>> from mxdigits.registry import MODELS
    >>> {"lenet", "mlp"} <= set(MODELS.names())
    True
"""

from .plugins.entry import Entry
from .plugins.registry import (
    AUGMENTATIONS,
    CALLBACKS,
    DATASETS,
    EXPORTERS,
    MODELS,
    NETWORK_FORMATS,
    NETWORKS,
    REGISTRIES,
    Registry,
    register_augmentation,
    register_callback,
    register_dataset,
    register_exporter,
    register_model,
    register_network,
    register_network_format,
)

__all__ = [
    "AUGMENTATIONS",
    "CALLBACKS",
    "DATASETS",
    "EXPORTERS",
    "MODELS",
    "NETWORKS",
    "NETWORK_FORMATS",
    "REGISTRIES",
    "Entry",
    "Registry",
    "register_augmentation",
    "register_callback",
    "register_dataset",
    "register_exporter",
    "register_model",
    "register_network",
    "register_network_format",
]
