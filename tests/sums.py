"""A network that is made in an instant, of any shape, to be written in some format."""

from __future__ import annotations

import numpy as np

from mxdigits.export.formats import Network
from mxdigits.graph import Graph, Output, Variable, operation
from mxdigits.runs.description import Description


def network(image_shape=(1, 2, 2), **described) -> Network:
    """The softmax of the sum of each image's pixels and their negative sum."""
    size = int(np.prod(image_shape))
    graph = Graph(
        (
            Variable("data", "input"),
            Variable("weight", "parameter"),
            operation(
                "FullyConnected", "sums", [Output(0), Output(1)], num_hidden="2", no_bias="True"
            ),
            operation("softmax", "shares", [Output(2)]),
        ),
        (Output(3),),
    )
    weight = np.stack([np.ones(size), -np.ones(size)]).astype(np.float32)
    about = {"name": "sums", "image_shape": image_shape, "classes": ("light", "dark"), **described}
    return Network(graph, {"weight": weight}, Description(**about))
