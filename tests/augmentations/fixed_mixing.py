"""An augmentation that mixes images, and their labels, without chance."""

from __future__ import annotations

from mxdigits.graph import Graph
from mxdigits.graph.building import GraphBuilder


def fixed(share: float) -> Graph:
    """A graph that mixes each image with the one as far from the other end."""
    build = GraphBuilder()
    x, t = build.variable("data", "input"), build.variable("targets", "input")
    both = [each + (build("reverse", each, axis=(0,)) - each) * share for each in (x, t)]
    return build.graph(*both)
