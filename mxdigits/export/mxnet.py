"""The format ``mxnet``: the two files that ``SymbolBlock.imports`` and ``Module`` read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..backends.choose import choose_devices, outputs
from ..graph.network_files import params_of, read_exported_files
from ..graph.symbol_json import write_symbol
from .formats import ExportOptions, Network, Predict

_SYMBOL, _PARAMETERS = "-symbol.json", "-0000.params"


class MXNet:
    """The symbol as JSON, and the parameters: the same two files as in a run folder.

    They hold no description of the network, because MXNet's files have no place for one.

    Example:
        >>> [str(file) for file in MXNet().files(Path("lenet-symbol.json"))]
        ['lenet-symbol.json', 'lenet-0000.params']
    """

    suffix = _SYMBOL
    exact = True

    def check(self, network: Network, options: ExportOptions) -> None:
        """Refuse nothing: MXNet runs every graph."""

    def files(self, target: Path) -> Sequence[Path]:
        """The symbol, and the parameters beside it."""
        stem = target.name[: -len(_SYMBOL)]
        return target, target.with_name(stem + _PARAMETERS)

    def write(self, network: Network, target: Path, options: ExportOptions) -> None:
        """Write both files."""
        symbol, parameters = self.files(target)
        symbol.write_text(write_symbol(network.graph), encoding="utf-8")
        parameters.write_bytes(params_of(network.graph, network.arrays))

    def load(self, target: Path) -> Predict:
        """Read the files again; predict with MXNet, or with another backend if it is missing."""
        symbol, parameters = self.files(target)
        graph, arrays = read_exported_files(symbol, parameters)
        choice = choose_devices("cpu")
        return lambda images: outputs(choice, graph, arrays, images)
