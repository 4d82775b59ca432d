"""Hostile files: random, changed and cut short.  None ends a process, none passes for good.

``tox -e fuzz`` tries many more of each, by the profile ``fuzz`` of hypothesis.
"""

from __future__ import annotations

import hashlib
import io
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from mxdigits.backends.mxnet.runtime import import_mxnet
from mxdigits.data.idx import read_idx, write_idx
from mxdigits.errors import DataError, RunFolderError
from mxdigits.storage.npz import read_npz

mx = import_mxnet()

from mxdigits.backends.mxnet.networks.saved_network import load_network  # noqa: E402
from mxdigits.backends.mxnet.networks.symbols import neutral_form  # noqa: E402
from mxdigits.graph.network_files import write_network  # noqa: E402

# Of each kind; by default a few hundred.
TRIES = 3 * settings.default.max_examples
# The memory of a child: none needs a tenth of it.
ADDRESS_SPACE = 16 << 30
LIMITED = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]),) * 2)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
sys.argv = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def child(folder: Path, *arguments: object) -> list[int]:
    """What a process of graphs.py counts."""
    program = str(Path(__file__).with_name("graphs.py"))
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "ignore",
            "-c",
            LIMITED,
            str(ADDRESS_SPACE),
            program,
            *map(str, arguments),
            str(folder),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    seed = folder / "seed"
    said = f"seed {seed.read_text() if seed.exists() else 'none'}: {done.stderr[-2000:]}"
    assert done.returncode == 0, said
    return [int(number) for number in done.stdout.splitlines()[-1].split()]


def test_what_once_ended_a_process_is_an_error(tmp_path):
    tried, _ = child(tmp_path, "once")
    assert tried > 5


def test_no_graph_ends_the_process(tmp_path):
    step = min(TRIES, 1000)
    tried = [child(tmp_path, first, step) for first in range(0, TRIES, step)]
    assert sum(count for count, _ in tried) == TRIES
    assert sum(sound for _, sound in tried) > TRIES // 10, "too few get far"


def changes(content: bytes, seed: str):
    """Copies of a file with one byte changed, and cut short."""
    r = random.Random(seed)
    for _ in range(TRIES):
        changed = bytearray(content)
        changed[r.randrange(len(content))] ^= r.randint(1, 255)
        yield bytes(changed)
    for _ in range(TRIES // 5):
        yield content[: r.randrange(len(content))]


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """A network's files, and their hashes."""
    folder = tmp_path_factory.mktemp("network")
    block = mx.gluon.nn.HybridSequential(prefix="net_")
    with block.name_scope():
        block.add(mx.gluon.nn.Conv2D(2, 3, activation="relu"), mx.gluon.nn.BatchNorm())
        block.add(mx.gluon.nn.MaxPool2D(), mx.gluon.nn.Dense(3))
    block.initialize()
    block(mx.nd.zeros((1, 1, 8, 8)))
    files = folder / "model-symbol.json", folder / "model-0000.params"
    write_network(*neutral_form(block), *files)
    return files, {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.mark.parametrize("which", [0, 1])
def test_every_change_to_a_network_is_found(network, tmp_path, which):
    files, hashes = network
    copies = [tmp_path / file.name for file in files]
    for file, copy in zip(files, copies):
        copy.write_bytes(file.read_bytes())
    for content in changes(files[which].read_bytes(), files[which].name):
        copies[which].write_bytes(content)
        with pytest.raises(RunFolderError) as caught:
            load_network(*copies, [mx.cpu()], (1, 8, 8), 3, hashes)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("which", [0, 1])
def test_a_changed_network_without_hashes_is_an_error_or_a_network(network, tmp_path, which):
    files, _ = network
    copies = [tmp_path / file.name for file in files]
    for file, copy in zip(files, copies):
        copy.write_bytes(file.read_bytes())
    for content in changes(files[which].read_bytes(), f"{files[which].name} alone"):
        copies[which].write_bytes(content)
        try:
            loaded = load_network(*copies, [mx.cpu()], (1, 8, 8), 3)
        except RunFolderError:
            continue
        assert loaded(mx.nd.zeros((2, 1, 8, 8))).shape == (2, 3)


def test_every_change_to_an_npz_file_is_found():
    arrays = {"w": np.arange(30, dtype="f4").reshape(5, 6), "n": np.array(3), "b": np.ones(4, bool)}
    for save in (np.savez, np.savez_compressed):
        file = io.BytesIO()
        save(file, **arrays)
        for content in changes(file.getvalue(), save.__name__):
            try:
                got = read_npz(io.BytesIO(content))
            except DataError:
                continue
            assert got.keys() == arrays.keys()
            for name, array in arrays.items():
                assert (got[name].dtype, got[name].shape) == (array.dtype, array.shape)
                np.testing.assert_array_equal(got[name], array)


@pytest.mark.parametrize("name", ["x.idx", "x.idx.gz"])
def test_every_change_to_an_idx_file_is_found(tmp_path, name):
    images = np.random.default_rng(0).integers(0, 256, (5, 6, 7), dtype=np.uint8)
    write_idx(tmp_path / name, images)
    _, sha256 = read_idx(tmp_path / name, dims=3)
    for content in changes((tmp_path / name).read_bytes(), name):
        (tmp_path / name).write_bytes(content)
        try:
            got, _ = read_idx(tmp_path / name, dims=3, sha256=sha256)
        except DataError:
            continue
        np.testing.assert_array_equal(got, images)
