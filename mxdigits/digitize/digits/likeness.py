"""How much ink looks like a digit, by a network of 56,000 parameters that NumPy alone runs.

A network trained only on digits knows nothing else: it is sure of letters too.  This one was
shown letters, signs, words, touching digits, parts of digits and scribbles beside digits
(``benchmarks/likeness`` made them and trained it).  It sees images in MNIST's form, so it serves
whatever network reads them.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path
from typing import Union

import numpy as np

from ...arrays import Floats, Integers, Pixels, Probabilities

# Least likeness of a digit. Of digits that were held out, one of MNIST's 10,000 and one of 5,000 of
# ``hands`` have less: who wrote a digit must not be told that it is none. What has more, and is no
# digit, is mostly below LIKELY.
LEAST = 0.002
LIKELY = 0.5  # what has less is more likely no digit; of MNIST's digits one in a hundred has less

# The inputs and outputs of each layer. The file holds, for each layer, the weights as bytes from
# -127 to 127, then the scale of each output's weights and each output's bias, both as float32.
LAYERS = ((25, 16), (144, 32), (288, 48), (768, 48), (48, 11))
CONVOLUTIONS = ((5, 2), (3, 1), (3, 1))  # side and padding of these layers; each halves the picture

WEIGHTS = Path(__file__).with_name("likeness.gz")
_MOST = 64  # images at once: more would leave the cache


def likeness(images: Pixels) -> Floats:
    """How probable it is that each image shows one digit, (N,) from 0 to 1.

    Args:
        images: in MNIST's form, uint8 (N, 28, 28).

    Example:
        >>> blank = np.zeros((2, 28, 28), np.uint8)
        >>> likeness(blank).shape
        (2,)
    """
    parts = [_likeness(images[at : at + _MOST]) for at in range(0, len(images), _MOST)]
    return np.concatenate([np.zeros(0, np.float32), *parts])


def weighted(prob: Probabilities, likeness: Union[float, Floats]) -> Probabilities:
    """A digit network's probabilities, mixed with equal ones in so far as there is no digit.

    Args:
        prob: of each class, (N, classes) or (classes,).
        likeness: of each image, (N,), or of the one.

    Example:
        >>> weighted(np.array([0.75, 0.25]), 0.5).tolist()
        [0.625, 0.375]
    """
    share = np.asarray(likeness, np.float32)[..., None]
    return np.asarray(share * prob + (1 - share) / prob.shape[-1], np.float32)


def _likeness(images: Pixels) -> Floats:
    weights = _weights()
    values = images[..., None].astype(np.float32) / 255
    for number, (side, padding) in enumerate(CONVOLUTIONS):
        values = _convolved(values, weights[2 * number], side, padding)
        values += weights[2 * number + 1]
        np.maximum(values, 0, out=values)
    hidden = np.maximum(values.reshape(len(values), -1) @ weights[-4] + weights[-3], 0)
    scores = hidden @ weights[-2] + weights[-1]
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(1 - shares[:, -1] / shares.sum(axis=1))


def _convolved(values: Floats, weights: Floats, side: int, padding: int) -> Floats:
    """Images (N, H, W, C) convolved with steps of two pixels."""
    count, high, wide, channels = values.shape
    padded = np.zeros((count, high + 2 * padding, wide + 2 * padding, channels), np.float32)
    padded[:, padding : padding + high, padding : padding + wide] = values
    places = _windows(high, padded.shape[2], channels, side)
    # A table of places, unchecked thanks to "clip", takes half of the time of stacked slices.
    windows = padded.reshape(count, -1).take(places, axis=1, mode="clip")
    # One product of matrices: otherwise NumPy makes one for each row of each picture.
    made = windows.reshape(-1, len(weights)) @ weights
    return np.asarray(made.reshape(*windows.shape[:3], -1))


@lru_cache(maxsize=len(CONVOLUTIONS))
def _windows(high: int, stride: int, channels: int, side: int) -> Integers:
    """Where in a padded image the windows of a convolution lie, (H / 2, W / 2, C * side * side)."""
    starts, within = 2 * np.arange((high + 1) // 2), np.arange(side)
    rows = starts[:, None, None, None, None] + within[:, None]
    columns = starts[:, None, None, None] + within
    at = (rows * stride + columns) * channels + np.arange(channels)[:, None, None]
    return at.reshape(len(starts), len(starts), -1)


@lru_cache(maxsize=1)
def _weights() -> list[Floats]:
    """The weights (inputs, outputs) and the biases (outputs,) of each layer."""
    held = np.frombuffer(gzip.decompress(WEIGHTS.read_bytes()), np.uint8)
    taken: list[Floats] = []
    for inputs, outputs in LAYERS:
        whole, held = held[: inputs * outputs], held[inputs * outputs :]
        scale, added = held[: 8 * outputs].view("<f4").reshape(2, outputs)
        taken += [whole.view(np.int8).reshape(inputs, outputs) * scale, added]
        held = held[8 * outputs :]
    return taken
