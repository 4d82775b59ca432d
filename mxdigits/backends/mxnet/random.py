"""Draws the random numbers that MXNet draws on a CPU, without MXNet.

MXNet has 1,024 Mersenne twisters (Matsumoto and Nishimura, 1998) with successive seeds, and divides
the elements of an array among them, 64 or more each. Here all of them are computed at once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Optional

import numpy as np
from numpy.typing import NDArray

from ...arrays import AnyArray, Floats

_Words = NDArray[np.uint32]

_TWISTERS = 1024
_LEAST = 64  # least elements that one twister draws
# MXNet multiplies a seed by it, and each twister then adds its own number.
_FACTOR = 127

# The Mersenne Twister MT19937's own numbers.
_SIZE = 624  # words of a twister's state
_AHEAD = 397  # offset of the words that it combines
_HIGH = np.uint32(1 << 31)  # the bit of one word, and
_LOW = np.uint32((1 << 31) - 1)  # the bits of the next that are mixed
_MATRIX = np.uint32(0x9908B0DF)  # combined with a mixed word that is odd
_BELOW_ONE = np.nextafter(np.float32(1), np.float32(0))


class MXNetRandom:
    """A generator in the state of MXNet's generator after ``mxnet.random.seed``.

    Uniform numbers are MXNet's, bit for bit, if both draw the same shapes in the same order. Normal
    numbers are not MXNet's but NumPy's.

    Args:
        seed: a whole number.

    Example:
        >>> MXNetRandom(42).uniform(-0.3, 0.3, (2,)).tolist()
        [0.19745618104934692, 0.14870095252990723]
    """

    def __init__(self, seed: int):
        self._states = _seeded(seed * _FACTOR)
        self._at = np.full(_TWISTERS, _SIZE)  # each twister's place of its next word
        self._numpy = np.random.RandomState(seed % 2**32)

    def uniform(self, low: float, high: float, shape: Sequence[int]) -> Floats:
        """Uniform numbers from ``low`` to below ``high``, float32."""
        size = math.prod(shape)
        used = min(-(-size // _LEAST), _TWISTERS)
        each = -(-size // max(used, 1))
        used = -(-size // max(each, 1))  # the last ones may have no elements
        words = np.empty((used, each), np.uint32)
        whole = size // max(each, 1)
        for first, last, count in ((0, whole, each), (whole, used, size - whole * each)):
            self._fill(words[first:last, :count], first)
        shares = np.minimum(words.ravel()[:size].astype(np.float32) / np.float32(2**32), _BELOW_ONE)
        least, most = np.float32(low), np.float32(high)
        result: Floats = (least + (most - least) * shares).reshape(shape)
        return result

    def normal(self, mean: float, deviation: float, shape: Sequence[int]) -> AnyArray:
        """Normally distributed numbers, which are not MXNet's."""
        return self._numpy.normal(mean, deviation, shape)

    def _fill(self, words: _Words, first: int) -> None:
        """Fill each row with the next words of one twister, beginning with twister ``first``."""
        begin, last = 0, len(words)
        while begin < last:  # twisters at equal places go together
            same = self._at[first + begin : first + last] == self._at[first + begin]
            count = int(np.argmin(same)) if not same.all() else last - begin
            self._fill_alike(words[begin : begin + count], first + begin)
            begin += count

    def _fill_alike(self, words: _Words, first: int) -> None:
        own = slice(first, first + len(words))
        done, at = 0, int(self._at[first])
        while done < words.shape[1]:
            if at == _SIZE:
                self._states[:, own] = _turned(self._states[:, own])
                at = 0
            count = min(_SIZE - at, words.shape[1] - done)
            words[:, done : done + count] = _tempered(self._states[at : at + count, own]).T
            done, at = done + count, at + count
        self._at[own] = at


_seed = 0  # of this process; at first MXNet's default
_generator: Optional[MXNetRandom] = None  # made at its first use


def seed_generator(seed: int) -> None:
    """Seed :func:`generator`, as ``mxnet.random.seed`` seeds MXNet's generator.

    Example:
        >>> seed_generator(7)
    """
    global _seed, _generator
    _seed, _generator = seed, None


def generator() -> MXNetRandom:
    """This process's generator; each draw advances it for everybody.

    Example:
        >>> seed_generator(42)
        >>> generator().uniform(-0.3, 0.3, (1,)).tolist()
        [0.19745618104934692]
    """
    global _generator
    if _generator is None:
        _generator = MXNetRandom(_seed)
    return _generator


def _seeded(seed: int) -> _Words:
    """The states (words, twisters) of twisters with successive seeds."""
    states = np.empty((_SIZE, _TWISTERS), np.uint32)
    states[0] = (np.arange(_TWISTERS, dtype=np.uint64) + np.uint64(seed % 2**32)).astype(np.uint32)
    for word in range(1, _SIZE):
        before = states[word - 1]
        states[word] = np.uint32(1812433253) * (before ^ (before >> np.uint32(30)))
        states[word] += np.uint32(word)
    return states


def _turned(old: _Words) -> _Words:
    new = np.empty_like(old)
    step = _SIZE - _AHEAD
    for begin, end in ((0, step), (step, 2 * step), (2 * step, _SIZE - 1)):
        ahead = old[_AHEAD:] if not begin else new[begin - step : end - step]
        new[begin:end] = ahead ^ _mixed(old[begin:end], old[begin + 1 : end + 1])
    new[-1] = new[_AHEAD - 1] ^ _mixed(old[-1], new[0])
    return new


def _mixed(upper: _Words, lower: _Words) -> _Words:
    both = (upper & _HIGH) | (lower & _LOW)
    return (both >> np.uint32(1)) ^ ((both & np.uint32(1)) * _MATRIX)


def _tempered(words: _Words) -> _Words:
    words = words ^ (words >> np.uint32(11))
    words ^= (words << np.uint32(7)) & np.uint32(0x9D2C5680)
    words ^= (words << np.uint32(15)) & np.uint32(0xEFC60000)
    return words ^ (words >> np.uint32(18))
