import io
import json

import numpy as np

from mxdigits.backends.choose import choose_devices, outputs
from mxdigits.graph.symbol_json import read_exported, write_symbol
from mxdigits.storage.npz import read_npz


class CrateFormat:
    """An archive of NumPy: each array by its name, and two texts: the graph, and what it is."""

    suffix = ".npz"
    exact = True  # it gives the same numbers, so probabilities are compared

    def check(self, network, options):
        """Raise mxdigits.errors.NetworkError for what the format does not hold."""

    def files(self, target):
        return (target,)

    def write(self, network, target, options):
        texts = {
            "graph": np.array(write_symbol(network.graph)),
            "about": np.array(json.dumps(network.description.texts())),
        }
        arrays = {f"array {name}": array for name, array in network.arrays.items()}
        content = io.BytesIO()  # by a name, NumPy would add the suffix
        np.savez(content, **texts, **arrays)
        target.write_bytes(content.getvalue())

    def load(self, target):
        held = read_npz(target)
        arrays = {
            name.partition(" ")[2]: array
            for name, array in held.items()
            if name.startswith("array ")
        }
        graph = read_exported(str(held["graph"]).encode(), target, arrays)
        choice = choose_devices("cpu")
        return lambda images: outputs(choice, graph, arrays, images)
