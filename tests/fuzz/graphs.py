"""Random graphs and parameters, loaded as networks: a process of its own, which may be ended by it.

``python graphs.py FIRST COUNT FOLDER`` loads the graphs of the seeds from FIRST, each from files in
FOLDER, and writes the seed in hand to ``FOLDER/seed``; ``python graphs.py once FOLDER`` loads those
that once ended a process.
"""

from __future__ import annotations

import json
import random
import re
import struct
import sys
from pathlib import Path

import numpy as np

from mxdigits.backends.mxnet.runtime import import_mxnet
from mxdigits.errors import RunFolderError
from mxdigits.graph.limits import FROM_FILES
from mxdigits.graph.operators import OPERATORS as TABLE

mx = import_mxnet()

from mxdigits.backends.mxnet.networks.saved_network import load_network  # noqa: E402

IMAGE_SHAPE = (1, 8, 8)
OPERATORS = sorted(FROM_FILES)
TYPES = {"f4": 0, "f8": 1, "f2": 2, "i4": 4}

# Layers, one after the other, each with the shapes of its weights; () is the layer before.
ONCE = [
    [("GroupNorm", {"num_groups": "0"}, [(1,), (1,)])],
    [("depth_to_space", {"block_size": "1048576"}, [])],
    [("amp_cast", {"dtype": "uint8"}, []), ("_div_scalar", {"scalar": "0", "is_int": "1"}, [])],
    [("Reshape", {"keep_highest": "0"}, []), ("Reshape", {"shape": "(-3)"}, [])],
    [("Reshape", {"shape": "(2, 1, 3)", "target_shape": "(1, 1000)"}, []), ("gamma", {}, [])],
    [("_power_scalar", {"scalar": "-1"}, []), ("Reshape", {"shape": "(0, 4)"}, [])],
    [("_copy", {}, []), ("Reshape", {"shape": "(0, -4, -1, 0, -2)"}, [])],
    [("erfinv", {}, []), ("InstanceNorm", {}, [(), (3, 6, 1, 4)])],
    [("where", {}, [(2,), (2,)])],
]


def symbol(layers) -> tuple[str, dict[str, np.ndarray]]:
    nodes = [{"op": "null", "name": "data", "inputs": []}]
    parameters: dict[str, np.ndarray] = {}
    last = 0
    for op, attrs, shapes in layers:
        inputs = [[last, 0, 0]]
        for shape in shapes:
            if isinstance(shape, int):
                inputs.append([max(0, last - shape), 0, 0])
                continue
            if not len(shape):
                inputs.append([last, 0, 0])
                continue
            name = f"p{len(parameters)}"
            parameters[name] = np.linspace(-1, 1, int(np.prod(shape)), dtype="f4").reshape(shape)
            nodes.append({"op": "null", "name": name, "inputs": []})
            inputs.append([len(nodes) - 1, 0, 0])
        nodes.append({"op": op, "name": f"n{len(nodes)}", "attrs": attrs, "inputs": inputs})
        last = len(nodes) - 1
    for op in ("Flatten", "softmax"):
        nodes.append({"op": op, "name": op, "attrs": {}, "inputs": [[len(nodes) - 1, 0, 0]]})
    head = [len(nodes) - 1, 0, 0]
    attrs = {"mxnet_version": ["int", 10901]}
    return json.dumps({"nodes": nodes, "heads": [head], "attrs": attrs}), parameters


def params(parameters: dict[str, np.ndarray]) -> bytes:
    content = struct.pack("<3Q", 0x112, 0, len(parameters))
    for array in parameters.values():
        content += struct.pack("<Iii", 0xF993FAC9, 0, array.ndim)
        content += struct.pack(f"<{array.ndim}q", *array.shape)
        content += struct.pack("<3i", 1, 0, TYPES[array.dtype.str[1:]]) + array.tobytes()
    content += struct.pack("<Q", len(parameters))
    for name in parameters:
        content += struct.pack("<Q", len(name) + 4) + b"arg:" + name.encode()
    return content


def attributes(op: str) -> list[tuple[str, str]]:
    """What MXNet's documentation says that an operator may be told, and of which type it is."""
    for module in (mx.sym, mx.sym._internal, mx.sym.contrib):
        create = getattr(module, op.replace("_contrib_", ""), None) or getattr(module, op, None)
        if create is not None:
            told = re.findall(r"^(\w+) : (.*)$", create.__doc__ or "", re.MULTILINE)
            return [(n, kind) for n, kind in told if "Symbol" not in kind and n != "name"]
    return []


def value(r: random.Random, kind: str) -> str:
    words = re.findall(r"'([^']*)'", kind)
    if words and r.random() < 0.9:
        return r.choice(words)
    if r.random() < 0.1:
        return r.choice(["", "None", "nan", "-inf", "1e30", "()", "(0, 0)", "True", "relu", "null"])
    if "boolean" in kind:
        return r.choice(["True", "False", "1", "0"])
    if "Shape" in kind or "tuple" in kind:
        size = r.choice([0, 1, 2, 2, 2, 3, 4, 4, 5, 8])
        sizes = [
            "0",
            "1",
            "1",
            "2",
            "2",
            "3",
            "-1",
            "4",
            "8",
            "None",
            "-2",
            "-3",
            "-4",
            "16",
            "512",
        ]
        return "(" + ", ".join(r.choice(sizes) for _ in range(size)) + r.choice([")", ",)"])
    if "int" in kind or "long" in kind:
        return r.choice(["0", "1", "1", "2", "2", "3", "-1", "-2", "5", "64", "1048576"])
    return r.choice(["0", "0.5", "1", "-1", "1e-5", "2.5", "1e30", "inf", "-0.5"])


def layer(r: random.Random):
    op = r.choice(OPERATORS)
    attrs = {}
    for name, kind in attributes(op):
        if "required" in kind or r.random() < 0.25:
            attrs[name] = value(r, kind)
    for name in ("num_filter", "num_hidden", "num_args"):
        if name in attrs:
            attrs[name] = r.choice(["1", "2", "2", "3", "6"])
    if op in ("Concat", "UpSampling", "add_n", "stack"):
        attrs["num_args"] = r.choice(["1", "2", "3"])
    try:
        count = len(TABLE[op].input_names(TABLE[op].read(attrs)))
    except ValueError:
        count = len(TABLE[op].inputs)
    if r.random() < 0.02:
        count = r.randint(0, 5)
    return op, attrs, [weight(r, op, attrs, index) for index in range(1, count)]


def weight(r: random.Random, op: str, attrs, index: int):
    """A shape that often fits; or how far back to look for another output."""
    if r.random() < (0.4 if attrs.get("num_args") or TABLE[op].inputs[:1] == ("lhs",) else 0.03):
        return r.choice([0, 1, 2])
    if op in ("Convolution", "Deconvolution") and index == 1:
        kernel = [max(1, abs(int(n)) % 9) for n in re.findall(r"-?\d+", attrs.get("kernel", ""))]
        return (int(attrs.get("num_filter", "2")), r.choice([1, 1, 2, 3]), *kernel)
    if op == "FullyConnected" and index == 1:
        return int(attrs.get("num_hidden", "2")), r.choice([64, 64, 128, 8, 36])
    return tuple(r.choice([1, 1, 2, 2, 3, 4, 8]) for _ in range(r.choice([1, 1, 1, 1, 2, 3, 4, 5])))


def load(layers, folder: Path, kinds=("f4",)) -> bool:
    """Whether the network is sound; every other one must be the one kind of error."""
    graph, parameters = symbol(layers)
    for number, name in enumerate(parameters):
        parameters[name] = parameters[name].astype(kinds[number % len(kinds)])
    files = folder / "model-symbol.json", folder / "model-0000.params"
    files[0].write_text(graph)
    files[1].write_bytes(params(parameters))
    try:
        network = load_network(*files, [mx.cpu()], IMAGE_SHAPE)
        for images in (1, 7):
            network(mx.nd.ones((images, *IMAGE_SHAPE))).wait_to_read()
    except (RunFolderError, mx.MXNetError):
        return False
    return True


def main() -> None:
    folder = Path(sys.argv[-1])
    if sys.argv[1] == "once":
        assert not any(load(layers, folder) for layers in ONCE)
        print(len(ONCE), 0)
        return
    first, count = int(sys.argv[1]), int(sys.argv[2])
    sound = 0
    for seed in range(first, first + count):
        (folder / "seed").write_text(str(seed))
        r = random.Random(seed)
        layers = [layer(r) for _ in range(r.choice([1, 1, 2, 2, 3, 4]))]
        kinds = r.choice([("f4",)] * 20 + [("f2",), ("f8",), ("i4",), ("f4", "f8")])
        sound += load(layers, folder, kinds)
    print(count, sound)


if __name__ == "__main__":
    main()
