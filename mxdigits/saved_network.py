"""A network in MXNet's own format: written so that plain MXNet reads it, and read again.

The symbol takes ``data``, float32 (N, C, H, W) from 0 to 1, and gives probabilities (N, classes).
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .errors import OutputError, RunFolderError
from .files import replacing
from .runtime import import_mxnet

mx = import_mxnet()


class _Probabilities(mx.gluon.HybridBlock):  # type: ignore[name-defined]
    """A network of logits with the softmax that makes them probabilities."""

    def __init__(self, network: Any):
        super().__init__()
        self.network = network

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return F.softmax(self.network(x), name="prob")


def save_network(
    network: Any, image_shape: Sequence[int], symbol_file: Path, parameters_file: Path
) -> None:
    """Write a network that gives logits as a symbol that gives probabilities.

    Args:
        network: an initialised HybridBlock.
        image_shape: (C, H, W).
        symbol_file: where the graph goes, as JSON.
        parameters_file: where the parameters go.

    Raises:
        OutputError: if a file cannot be written.
    """
    block = _Probabilities(network)
    block.hybridize(static_alloc=True)
    context = next(iter(network.collect_params().values())).list_ctx()[0]
    block(mx.nd.zeros((1, *image_shape), ctx=context)).wait_to_read()
    with tempfile.TemporaryDirectory(dir=symbol_file.parent, prefix=".network-") as folder:
        try:
            block.export(f"{folder}/model", epoch=0)
        except mx.MXNetError as error:
            raise OutputError(f"cannot write {symbol_file}: {error}") from error
        for written, target in (
            ("model-symbol.json", symbol_file),
            ("model-0000.params", parameters_file),
        ):
            with replacing(target) as temporary:
                Path(folder, written).replace(temporary)


def load_network(symbol_file: Path, parameters_file: Path, contexts: Sequence[Any]) -> Any:
    """The network of :func:`save_network`, giving logits again.

    Raises:
        RunFolderError: if the files are damaged or do not fit each other.
    """
    try:
        prob = mx.sym.load(str(symbol_file))
        logits = prob.get_children()
        block = mx.gluon.SymbolBlock(logits, mx.sym.var("data", dtype="float32"))
        block.collect_params().load(
            str(parameters_file), ctx=list(contexts), cast_dtype=True, dtype_source="saved"
        )
    except Exception as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise RunFolderError(
            f"{symbol_file} and {parameters_file.name} hold no network: {lines[-1].strip()}"
        ) from error
    block.hybridize(static_alloc=True)
    return block


def load_weights(network: Any, symbol_file: Path, parameters_file: Path) -> None:
    """Give a network the parameters and statistics of one of :func:`save_network`.

    They are matched by their place in the graph, as names differ from process to process.

    Args:
        network: an initialised HybridBlock of the same architecture.
        symbol_file: the saved graph.
        parameters_file: the saved parameters.

    Raises:
        RunFolderError: if the files are damaged, or the networks are not alike.
    """
    try:
        saved = mx.sym.load(str(symbol_file))
        values = {name.partition(":")[2]: v for name, v in mx.nd.load(str(parameters_file)).items()}
        theirs = [(name, values[name]) for name in _names(saved)]
    except Exception as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise RunFolderError(
            f"{symbol_file} and {parameters_file.name} hold no network: {lines[-1].strip()}"
        ) from error
    parameters = network.collect_params()
    ours = [parameters[name] for name in _names(network(mx.sym.var("data")))]
    if len(ours) != len(theirs):
        raise RunFolderError(
            f"{symbol_file} holds another network: it has {len(theirs)} arrays of parameters, "
            f"this one {len(ours)}"
        )
    for parameter, (name, value) in zip(ours, theirs):
        if parameter.shape != value.shape:
            raise RunFolderError(
                f"{symbol_file} holds another network: its {name} is of shape {value.shape}, "
                f"here it is {parameter.shape}"
            )
    for parameter, (_, value) in zip(ours, theirs):
        parameter.set_data(value.astype(parameter.dtype))


def _names(symbol: Any) -> list[str]:
    """The parameters and statistics of a graph, in the order in which it uses them."""
    return [name for name in symbol.list_inputs() if name != "data"]
