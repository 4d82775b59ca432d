"""Letters that show which of several runs differ: two that share a letter do not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from string import ascii_letters

# So many pairs are told in a sentence each; of more, letters tell the same at a glance.
MOST_SENTENCES = 3


def letters_of(names: Sequence[str], different: Collection[tuple[str, str]]) -> dict[str, str]:
    """Give letters to names, so that two names share one exactly if they do not differ.

    H.-P. Piepho: An algorithm for a letter-based representation of all-pairwise comparisons,
    Journal of Computational and Graphical Statistics 13, 2004.

    Args:
        names: the best first; it gets the first letter.
        different: the pairs that differ, in any order.

    Returns:
        The letters of each name; beyond 52 they are numbers, with a space between two.

    >>> letters_of(["lenet", "cnn", "mlp"], [("lenet", "mlp")])
    {'lenet': 'a', 'cnn': 'ab', 'mlp': 'b'}
    """
    alike = [frozenset(names)]
    for pair in different:
        split = []
        for each in alike:
            split += [each - {name} for name in pair] if each.issuperset(pair) else [each]
        alike = [each for each in dict.fromkeys(split) if not any(each < more for more in split)]
    place = {name: i for i, name in enumerate(names)}
    alike.sort(key=lambda each: sorted(place[name] for name in each))
    few = len(alike) <= len(ascii_letters)
    marks = ascii_letters if few else [str(number) for number in range(1, len(alike) + 1)]
    return {
        name: ("" if few else " ").join(m for m, each in zip(marks, alike) if name in each)
        for name in names
    }
