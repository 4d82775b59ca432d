"""Find labels of a data set that are probably wrong, by the probabilities of a network.

Northcutt, Jiang, Chuang: Confident Learning: Estimating Uncertainty in Dataset Labels, Journal of
Artificial Intelligence Research 70, 2021. The network must not have learnt from these labels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Bools, Doubles, Integers, Labels, Probabilities

# Subtracted so that a class of one image reaches its own threshold in spite of rounding.
_ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class LabelErrors:
    """The images whose label is probably wrong, the most probable first.

    ``numbers`` are their places, (n,); ``suggested`` the class that each probably has, (n,);
    ``margin`` the probability of the label less that of the best other class, (n,). ``estimated``
    is an estimate of all wrong labels, also those of images whose class is uncertain.

    Example:
        >>> prob = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.95, 0.05]], np.float32)
        >>> found = find_label_errors(prob, np.array([0, 0, 1, 1]))
        >>> found.numbers, found.suggested
        (array([3]), array([0]))
    """

    numbers: Integers
    suggested: Labels
    margin: Doubles
    estimated: float


def find_label_errors(prob: Probabilities, labels: Labels) -> LabelErrors:
    """Find the labels that are probably wrong.

    A class's threshold is its mean probability over the images of that label. An image is assigned
    to the most probable class whose threshold it reaches. If that is not its label, the label is
    probably wrong.

    Args:
        prob: of each class, (N, classes), from a network that has not learnt from these images.
        labels: those to check, (N,).

    Example:
        >>> prob = np.array([[0.9, 0.1], [0.2, 0.8]], np.float32)
        >>> len(find_label_errors(prob, np.array([0, 1])).numbers)
        0
    """
    reached = prob >= _thresholds(prob, labels) - _ROUNDING
    confident = reached.any(axis=1)
    suggested = np.where(reached, prob, -1.0).argmax(axis=1)
    wrong = np.flatnonzero(confident & (suggested != labels))
    rows = np.arange(len(labels))
    others = prob.astype(np.float64)
    others[rows, labels] = -1.0
    margin = prob[rows, labels].astype(np.float64) - others.max(axis=1)
    order = wrong[np.argsort(margin[wrong], kind="stable")]
    return LabelErrors(
        order, suggested[order], margin[order], _estimated(labels, suggested, confident)
    )


def _thresholds(prob: Probabilities, labels: Labels) -> Doubles:
    """The mean probability of each class over its own images; 2 for a class without images."""
    classes = prob.shape[1]
    counts = np.bincount(labels, minlength=classes)
    own = prob[np.arange(len(labels)), labels].astype(np.float64)
    sums = np.bincount(labels, weights=own, minlength=classes)
    thresholds: Doubles = np.where(counts > 0, sums / np.maximum(counts, 1), 2.0)
    return thresholds


def _estimated(labels: Labels, suggested: Labels, confident: Bools) -> float:
    """How many labels are wrong in all: each label's share of wrong assigned images, times all."""
    told = np.bincount(labels[confident], minlength=1)
    wrong = np.bincount(labels[confident & (suggested != labels)], minlength=len(told))
    counts = np.bincount(labels, minlength=len(told))[: len(told)]
    shares = wrong / np.maximum(told, 1)
    return float((shares * counts).sum())
