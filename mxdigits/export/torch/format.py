"""The format ``torch`` as a class that exports use."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np

from ...arrays import Arrays, Numbers
from ...errors import BackendMissing
from ...installing import why_not_imported
from ...runs.description import PROBABILITIES
from ...wording import some_of
from ..formats import ExportOptions, Network, Predict
from ..safetensors import library
from .code import Value
from .module import write_module
from .support import check_supported

_NAMED = 100  # classes that the file lists


class Torch:
    """A Python file that needs only PyTorch and safetensors, and the weights beside it.

    Example:
        >>> [str(file) for file in Torch().files(Path("lenet_torch.py"))]
        ['lenet_torch.py', 'lenet_torch.safetensors']
    """

    suffix = "_torch.py"
    exact = True

    def check(self, network: Network, options: ExportOptions) -> None:
        """Refuse layers that PyTorch lacks."""
        _torch()
        library()
        check_supported(network.graph)
        _written(network)

    def files(self, target: Path) -> Sequence[Path]:
        """The class, and the weights beside it."""
        return target, target.with_suffix(".safetensors")

    def write(self, network: Network, target: Path, options: ExportOptions) -> None:
        """Write both files."""
        text, arrays = _written(network)
        code, weights = self.files(target)
        code.write_text(text, encoding="utf-8")
        held = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        weights.write_bytes(library().save(held, network.description.texts()))

    def load(self, target: Path) -> Predict:
        """Return a function that predicts with the files by PyTorch."""
        torch = _torch()
        network = load_module(target).load()

        def predict(images: Numbers) -> Numbers:
            with torch.inference_mode():
                given = torch.from_numpy(np.ascontiguousarray(images))
                answers: Numbers = network(given).numpy()
                return answers

        return predict


def load_module(file: Path) -> ModuleType:
    """Import a file that was just written as a module.

    Example:
        >>> Path("net.py").write_text("LAYERS = 3")
        10
        >>> load_module(Path("net.py")).LAYERS
        3
    """
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _written(network: Network) -> tuple[str, Arrays]:
    (name,) = network.graph.inputs
    rank = len(network.description.image_shape) + 1
    return write_module(
        network.graph,
        network.arrays,
        {name: Value(rank=rank)},
        name=network.description.name,
        about=_about(network),
        structure=network.structure(),
    )


def _about(network: Network) -> Iterator[str]:
    """The description in the file, one paragraph per line."""
    told = network.description
    shape, count = ", ".join(map(str, told.image_shape)), len(told.classes)
    taken = f"It takes float32 (N, {shape})"
    if told.input_range:
        taken += " from {:g} to {:g}".format(*told.input_range)
    given = ""
    if told.output == PROBABILITIES:
        given = " and gives probabilities" + (f" (N, {count}) of the classes" if count else "")
        given += f" {some_of(told.classes, _NAMED)}" if count else ""
    yield f"{taken}{given}."
    if told.run:
        yield f"Pictures are prepared as {told.preprocessing!r}; the run {told.run} trained it."
    if told.parity:
        yield (
            "Compared with {backend} on {data}: the largest difference is {largest_difference}, "
            "{equal_answers} of {images} answers are equal.".format_map(told.parity)
        )
    yield f"Written by {told.made_by}; the weights lie beside it."


def _torch() -> ModuleType:
    try:
        return import_module("torch")
    except Exception as error:  # also of a NumPy that it was not built for
        raise BackendMissing(why_not_imported("PyTorch", "torch", "torch", error)) from error
