"""Ways to compile a block, each timed and hashed."""

from __future__ import annotations

import hashlib
import json
import sys
import time
import zipfile
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks import idx
from benchmarks.contenders.jax_jitted import NETWORKS, initial, make_epoch
from benchmarks.on_gpu.networks import read
from benchmarks.on_gpu.task import BATCH, LEARNING_RATE, MNIST, SEED, scaled
from mxdigits.backends.base import EpochPosition, TrainingSettings
from mxdigits.backends.xla import program
from mxdigits.backends.xla.backend import XLABackend

DET = {"xla_gpu_deterministic_ops": True}
EXC = {"xla_gpu_exclude_nondeterministic_ops": True}
WAYS = {
    "det": (DET, 1),
    "none": ({}, 1),
    "exc": (EXC, 1),
    "det unroll 5": (DET, 5),
    "exc autotune 0": ({**EXC, "xla_gpu_autotune_level": 0}, 1),
    "det no triton": ({**DET, "xla_gpu_enable_triton_gemm": False}, 1),
    "none no triton": ({"xla_gpu_enable_triton_gemm": False}, 1),
    "none unroll 5": ({}, 5),
    "exc unroll 5": (EXC, 5),
    "exc again": (EXC, 1),
    "exc unroll 20": (EXC, 20),
}
BEGAN = time.monotonic()
OUT = Path(sys.argv[2])


def main() -> None:
    images = idx.read_idx(MNIST, idx.TRAIN_IMAGES)[:, None]
    labels = idx.read_idx(MNIST, idx.TRAIN_LABELS).astype(np.int64)
    with zipfile.ZipFile(OUT / "hlo.zip", "w", zipfile.ZIP_DEFLATED) as kept:
        for network, ways in (("mlp", WAYS), ("lenet", WAYS), ("resnet20", ["det", "none", "exc"])):
            hand(network, images, labels, kept)
            for name in ways:
                if time.monotonic() - BEGAN > float(sys.argv[3]):
                    return
                try:
                    one(network, name, images, labels, kept)
                except Exception as error:
                    print(network, name, "FAILED", str(error)[:300], flush=True)


def one(network, name, images, labels, kept):
    program.REPEATABLE, program.UNROLLED = WAYS[name]
    backend = XLABackend(
        read(Path(sys.argv[1]), network), TrainingSettings("sgd", {"learning_rate": 0.1}, seed=SEED)
    )
    began = time.perf_counter()
    fit = backend.begin_fit(images, labels, BATCH)
    compiled = time.perf_counter() - began
    done, hashes = [], []
    for epoch in (0, 1, 2, 0):
        if epoch == 0:
            backend._weights.fetch()
        done.append(fit.run(epoch, LEARNING_RATE, EpochPosition(), lambda _: None, lambda _: False))
        if epoch == 0:
            digest = hashlib.sha256()
            for _, array in sorted(backend.snapshot().items()):
                digest.update(array.tobytes())
            hashes.append(digest.hexdigest()[:8])
    speed = max(each.samples_per_second for each in done[1:])
    loop = max(each.batch for each in done)
    print(
        json.dumps([network, name, round(speed), round(compiled, 1), hashes, fit._length, loop]),
        flush=True,
    )
    for (length, size), each in fit._programs.items():
        kept.writestr(f"{network} {name} {length}x{size}.txt", each.as_text())


def hand(network, images, labels, kept):
    data = jnp.asarray(scaled(images).transpose(0, 2, 3, 1)), jnp.asarray(labels, jnp.int32)
    with jax.default_matmul_precision("highest"):
        epoch = make_epoch(NETWORKS[network], whole=True)
        random = np.random.default_rng(SEED)
        state = initial(network)
        times = []
        for _ in range(4):
            began = time.perf_counter()
            order = random.permutation(len(labels)).astype(np.int32).reshape(-1, BATCH)
            *state, correct = epoch(*state, *data, order)
            int(correct)
            times.append(time.perf_counter() - began)
        print(
            json.dumps([network, "hand", round(len(labels) / min(times)), round(times[0], 1)]),
            flush=True,
        )
        kept.writestr(f"{network} hand.txt", epoch.lower(*state, *data, order).compile().as_text())


main()
