"""python -m benchmarks.likeness FILE: trains what tells digits from other ink, and measures it.

It is trained on MNIST's first 50,000 training images, on ``hands`` and on what is no digit; the
other 10,000 decide what is refused. Nothing of MNIST's test images is used.
"""

from __future__ import annotations

import argparse
import gzip
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.arguments import count
from benchmarks.likeness.drawing import NONE, Images, Random, coarse, others, warped
from mxdigits.backends.mxnet.runtime import import_mxnet
from mxdigits.data.hands.dataset import hands
from mxdigits.data.mnist import mnist
from mxdigits.digitize.digits import likeness

_TRAINED_ON, _REFUSED = 50_000, 0.001
_CHANNELS, _HIDDEN, _BATCH = (16, 32, 48), 48, 128


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.likeness", description=__doc__)
    parser.add_argument("file", type=Path, help="where the weights go, such as likeness.gz")
    parser.add_argument("--epochs", type=count, default=14)
    parser.add_argument("--others", type=count, default=130_000, help="images of no digit")
    parser.add_argument("--seed", type=int, default=1)
    settings = parser.parse_args()
    random = np.random.default_rng(settings.seed)
    images, labels = _data(settings.others, settings.seed, random)
    print(f"{len(images)} images, {int((labels == NONE).sum())} of them no digits", flush=True)
    weights = _trained(images, labels, settings.epochs, random)
    settings.file.write_bytes(gzip.compress(weights, 9, mtime=0))
    measure(settings.file, settings.seed)


def _data(count: int, seed: int, random: Random) -> tuple[Images, Images]:
    """What is trained on: images (N, 28, 28) and labels (N,)."""
    train = mnist().train[:_TRAINED_ON]
    styles = hands(images=40_000, test_images=1, seed=seed).train
    digits = np.concatenate([train.images[:, 0], styles.images[:, 0]])
    labels = np.concatenate([train.labels, styles.labels])
    none = others(digits, labels, count, random)
    askew = np.stack([warped(image, random) for image in [*train.images[:, 0], *none[::2]]])
    coarsened = np.stack([coarse(image, random) for image in [*digits[::4], *none[1::8]]])
    unlike = (np.full(len(each), NONE) for each in (none, none[::2], none[1::8]))
    marked = labels, next(unlike), train.labels, next(unlike), labels[::4], next(unlike)
    return np.concatenate([digits, none, askew, coarsened]), np.concatenate(marked)


def _trained(images: Images, labels: Images, epochs: int, random: Random) -> bytes:
    mxnet = import_mxnet()
    mxnet.random.seed(int(random.integers(1 << 30)))
    gluon, nn = mxnet.gluon, mxnet.gluon.nn
    net = nn.HybridSequential()
    for channels, (side, padding) in zip(_CHANNELS, likeness.CONVOLUTIONS):
        net.add(nn.Conv2D(channels, side, strides=2, padding=padding, activation="relu"))
    net.add(nn.Dropout(0.2), nn.Dense(_HIDDEN, activation="relu"), nn.Dense(NONE + 1))
    net.initialize(mxnet.init.Xavier(magnitude=2.24))
    net.hybridize()
    loss = gluon.loss.SoftmaxCrossEntropyLoss()
    steps = epochs * (len(images) // _BATCH)
    trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.002, "wd": 1e-5})
    done = 0
    for epoch in range(epochs):
        order, total = random.permutation(len(images)), 0.0
        for begin in range(0, len(order) - _BATCH + 1, _BATCH):
            which = order[begin : begin + _BATCH]
            moved = np.roll(images[which, None], random.integers(-1, 2, 2), (2, 3))
            batch = mxnet.nd.array(moved.astype(np.float32) / 255)
            trainer.set_learning_rate(0.002 * min(1, 20 * done / steps) * (1 - done / steps) + 1e-6)
            with mxnet.autograd.record():
                lost = loss(net(batch), mxnet.nd.array(labels[which]))
            lost.backward()
            trainer.step(_BATCH)
            total, done = total + float(lost.mean().asscalar()), done + 1
        print(f"epoch {epoch + 1}: {total * _BATCH / len(order):.4f}", flush=True)
    return _weights(net)


def _weights(net: Any) -> bytes:
    """The weights as ``likeness.py`` takes them: pixels before channels, inputs before outputs."""
    taken: list[bytes] = []
    layers = [layer for layer in net if hasattr(layer, "weight")]
    for number, layer in enumerate(layers):
        weight, bias = layer.weight.data().asnumpy(), layer.bias.data().asnumpy()
        if number == len(_CHANNELS):  # it sees rows, columns, channels, not channels first
            weight = weight.reshape(_HIDDEN, _CHANNELS[-1], -1).swapaxes(1, 2)
        taken.append(packed(weight.reshape(len(weight), -1).T, bias))
    return b"".join(taken)


def packed(weight: Any, bias: Any) -> bytes:
    """A layer's weights (inputs, outputs) as a byte each, and what is added to its outputs."""
    scale = (np.maximum(np.abs(weight).max(axis=0), 1e-9) / 127).astype("<f4")
    whole = np.rint(weight / scale).astype(np.int8)
    return whole.tobytes() + scale.tobytes() + bias.astype("<f4").tobytes()


def measure(file: Path, seed: int) -> None:
    """Print what would be refused: of digits, and of what is none."""
    likeness.WEIGHTS = file
    likeness._weights.cache_clear()
    random = np.random.default_rng([seed, 1])
    held, styles = mnist().train[_TRAINED_ON:], hands(images=1, test_images=5_000, seed=seed).test
    least = float(np.quantile(likeness.likeness(held.images[:, 0]), _REFUSED))
    print(f"one in a thousand of MNIST's is below {least:.4f}")
    askew = np.stack([warped(image, random) for image in held.images[:3000, 0]])
    none = others(held.images[:, 0], held.labels, 5_000, random)
    for name, images in (
        ("MNIST", held.images[:, 0]),
        ("MNIST, warped", askew),
        ("hands", styles.images[:, 0]),
        ("letters and signs", none[:2000]),
        ("other", none[2000:]),
    ):
        found = likeness.likeness(images)
        shares = [f"{100 * (found < each).mean():.2f} %" for each in (least, 0.02, 0.05, 0.1, 0.5)]
        print(f"{name}: below that {shares[0]}; below 0.02, 0.05, 0.1, 0.5: {shares[1:]}")


if __name__ == "__main__":
    main()
