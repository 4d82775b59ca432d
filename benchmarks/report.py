"""Measurements as Markdown: medians over the rounds, and ratios pair by pair."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Optional

BASE = "mxdigits"

HEADER = """# Results

`python -m benchmarks` writes this page, the newest measurement first. [README.md](README.md)
explains the columns. A ratio compares a contender with the one that has 1: above 1, the one with 1
is ahead.
"""

# {contender: what was measured of it, a round each}
Rounds = Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class Column:
    """A column: where its number comes from, how it is written, and whether more is better.

    ``more_is_better`` is None for a number that is not compared.
    """

    title: str
    value: Callable[[Any], Optional[float]]
    write: Callable[[float], str]
    more_is_better: Optional[bool] = None


def section(
    title: str,
    columns: Sequence[Column],
    rounds: Rounds,
    notes: Sequence[str] = (),
    base: str = BASE,
) -> str:
    """A table with one contender a row; compared numbers have the ratio to the base beside them."""
    titles = ["contender"]
    for column in columns:
        titles += [column.title] if column.more_is_better is None else [column.title, "ratio"]
    rows = [
        [name, *(cell for column in columns for cell in _cells(column, rounds, name, base))]
        for name in rounds
    ]
    return "\n".join([f"### {title}\n", table(titles, rows), *(f"{note}\n" for note in notes)])


def best(column: Column, rounds: Rounds, base: str, others: Sequence[str]) -> str:
    """How the base does beside the best of some others, by their medians; empty without either."""
    medians = {
        name: statistics.median(values)
        for name in [base, *others]
        if (values := [column.value(each) for each in rounds.get(name, [])]) and None not in values
    }
    own = medians.pop(base, None)
    if own is None or not medians:
        return ""
    choose = max if column.more_is_better else min
    name = choose(medians, key=lambda each: medians[each])
    ratio = own / medians[name] if column.more_is_better else medians[name] / own
    return f"{column.title}: ratio of `{base}` to the best of the others, `{name}`: {ratio:.2f}"


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table: the first column aligned left, the others right."""
    rule = ["---", *["---:"] * (len(titles) - 1)]
    return "".join(f"| {' | '.join(row)} |\n" for row in [titles, rule, *rows])


def add(path: Path, section: str) -> None:
    """Add a section to a file, before the older ones."""
    older = path.read_text(encoding="utf-8").removeprefix(HEADER) if path.exists() else ""
    path.write_text(f"{HEADER}\n{section}{older}", encoding="utf-8")


def put(path: Path, name: str, text: str) -> None:
    """Put a text between the two markers of its name, which a file without them gets at its end."""
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
    page = path.read_text(encoding="utf-8") if path.exists() else ""
    if begin not in page:
        page += f"{begin}{end}"
    before, _, rest = page.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise ValueError(f"{path}: {begin.strip()} is not followed by {end.strip()}")
    path.write_text(f"{before}{begin}{text}{end}{after}", encoding="utf-8")


def _cells(column: Column, rounds: Rounds, name: str, base: str) -> list[str]:
    values = [column.value(measured) for measured in rounds[name]]
    known = [value for value in values if value is not None]
    # A median of some of the rounds would be of the lucky ones.
    complete = len(known) == len(values)
    cells = [column.write(statistics.median(known)) if complete else "not reached"]
    if column.more_is_better is not None:
        pairs = [column.value(measured) for measured in rounds.get(base, [])]
        cells.append(_ratio(pairs, values, column.more_is_better) if name != base else "1")
    return cells


def _ratio(
    base: Sequence[Optional[float]], values: Sequence[Optional[float]], more_is_better: bool
) -> str:
    """The median ratio of the pairs, and the range; above 1 the base is better."""
    pairs = [(b, v) for b, v in zip(base, values) if b is not None and v is not None]
    if not pairs or len(pairs) < len(values):
        return ""
    ratios = [b / v if more_is_better else v / b for b, v in pairs]
    median = f"{statistics.median(ratios):.2f}"
    return median if len(ratios) == 1 else f"{median} ({min(ratios):.2f} to {max(ratios):.2f})"
