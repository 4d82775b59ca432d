"""The images that the run which predicts was trained on."""

from __future__ import annotations

from read_once import mnist_once

TEST = mnist_once().test[:60]
