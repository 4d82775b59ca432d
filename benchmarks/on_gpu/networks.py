"""The networks that are trained on the GPU: traced with MXNet, and read without it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mxdigits.backends.network import GraphNetwork
from mxdigits.graph.network_files import write_network
from mxdigits.graph.params_file import parse_params
from mxdigits.graph.symbol_json import read_network

# The model of each network, and its options.
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "mlp": ("mlp", {}),
    "lenet": ("lenet", {}),
    "resnet20": ("gluoncv", {"network": "cifar_resnet20_v1"}),
}
SHAPE = (1, 28, 28)


def trace(folder: Path) -> None:
    """Write the graphs and initial arrays of all networks; needs MXNet and mxdigits-gluoncv."""
    from mxdigits import build_network
    from mxdigits.backends.mxnet.networks.symbols import neutral_form
    from mxdigits.backends.mxnet.runtime import seed_everything

    folder.mkdir(parents=True, exist_ok=True)
    for name, (model, options) in MODELS.items():
        seed_everything(42)
        network = build_network(model, options, classes=10, image_shape=SHAPE)
        write_network(*neutral_form(network), *_files(folder, name))
        print(f"{name}: {sum(file.stat().st_size for file in _files(folder, name))} bytes")


def read(folder: Path, name: str) -> GraphNetwork:
    """Read a network that :func:`trace` wrote."""
    symbol, parameters = _files(folder, name)
    arrays = parse_params(parameters.read_bytes(), parameters)
    return GraphNetwork(
        read_network(symbol.read_bytes(), symbol),
        {key.partition(":")[2]: array for key, array in arrays.items()},
    )


def _files(folder: Path, name: str) -> tuple[Path, Path]:
    return folder / f"{name}-symbol.json", folder / f"{name}.params"
