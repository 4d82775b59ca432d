"""The layers of a model, for ``mxdigits models show``."""

from __future__ import annotations

from typing import Optional

from ..printing import print_line, print_note, print_text


def backend_without_mxnet(name: str) -> Optional[str]:
    """The backend that runs a model as a graph, where MXNet is missing; else None.

    Raises:
        MXNetMissing: if MXNet is installed, but does not start.
    """
    from ..backends.choose import choose_devices
    from ..backends.mxnet.runtime import import_mxnet, mxnet_installed
    from ..errors import MXNetMissing
    from ..models.building import has_graph

    if not has_graph(name):
        return None
    try:
        import_mxnet()
    except MXNetMissing as error:
        if mxnet_installed():
            raise
        print_note(f"{error}; the layers are those of the graph that other backends train")
        return choose_devices("cpu", ["xla", "torch"]).backend
    return None


def print_layers(network: object, image_shape: tuple[int, ...]) -> None:
    from ..backends.network import GraphNetwork
    from .terminal import print_table

    if isinstance(network, GraphNetwork):
        print_text(f"{network.graph}\n")
        print_line(f"parameters: {sum(network.arrays[n].size for n in network.graph.parameters):,}")
        return
    from ..backends.mxnet.networks.building import layer_table

    layers = layer_table(network, image_shape)
    rows = [[layer, "x".join(map(str, out)), f"{count:,}"] for layer, out, count in layers]
    total = sum(count for _, _, count in layers)
    print_table(["layer", "output", "parameters"], [*rows, ["total", "", f"{total:,}"]])
