"""Shell completion: recipes, runs, and the names of what is installed.

A shell waits for each answer, so nothing slow is imported here, such as NumPy or the schema of
recipes.
"""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ..runs.group_files import ANY_SEEDS, GROUP
from ..sweep.names import PRUNERS, SAMPLERS

_RUNS = Path("runs")


def recipes(incomplete: str) -> list[str]:
    """The shipped recipes, and files that may be recipes."""
    from ..recipe.files import shipped_recipes

    files = [str(path) for path in _beginning(incomplete) if path.suffix in (".yaml", ".yml")]
    return matching(incomplete, [*shipped_recipes(), *files])


def runs(incomplete: str) -> list[str]:
    """The names of recipes that have runs; after a slash, run folders."""
    if "/" not in incomplete:
        names = [path.parent.name for path in _RUNS.glob("*/*/") if _is_run(path)]
        return matching(incomplete, dict.fromkeys(sorted(names)))
    found: list[Path] = []
    for path in _beginning(incomplete):
        found += [path] if _is_run(path) else filter(_is_run, sorted(path.glob("*/")))
    return [str(path) for path in found]


def runs_and_groups(incomplete: str) -> list[str]:
    """Runs; after a slash also the files of groups of runs."""
    files = [path for path in _beginning(incomplete) if "/" in incomplete]
    groups = [str(path) for path in files if path.name == GROUP or path.match(ANY_SEEDS)]
    groups += [str(each) for path in files for each in sorted(path.glob(ANY_SEEDS))]
    return [*runs(incomplete), *groups]


def run_folders(incomplete: str) -> list[str]:
    """Run folders, by default those in ``runs``."""
    return runs(incomplete or f"{_RUNS}/")


def runs_and_networks(incomplete: str) -> list[str]:
    """Runs, and the networks that are installed."""
    return [*runs(incomplete), *networks(incomplete)]


def models(incomplete: str) -> list[str]:
    return matching(incomplete, names_in("models"))


def datasets(incomplete: str) -> list[str]:
    return matching(incomplete, names_in("datasets"))


def networks(incomplete: str) -> list[str]:
    return matching(incomplete, names_in("networks"))


def formats(incomplete: str) -> list[str]:
    return matching(incomplete, names_in("exporters"))


def network_formats(incomplete: str) -> list[str]:
    return matching(incomplete, names_in("network_formats"))


def backends(incomplete: str) -> list[str]:
    from ..backends.context import FASTEST, NAMES

    return matching(incomplete, ["auto", FASTEST, *NAMES])


def devices(incomplete: str) -> list[str]:
    return matching(incomplete, ["auto", "cpu", "gpu"])


def samplers(incomplete: str) -> list[str]:
    return matching(incomplete, SAMPLERS)


def pruners(incomplete: str) -> list[str]:
    return matching(incomplete, PRUNERS)


def names_in(group: str) -> list[str]:
    return sorted(targets_in(group))


def targets_in(group: str) -> dict[str, str]:
    """The targets of a group of entry points by name; a registry would import NumPy for them."""
    from ..plugins.installed import installed

    offers = [each.offers for each in installed() if each.counts and not each.fault]
    return dict(pair for each in offers for pair in each.get(f"mxdigits.{group}", ()))


def matching(incomplete: str, words: Iterable[str]) -> list[str]:
    return [word for word in words if word.startswith(incomplete)]


def _beginning(incomplete: str) -> list[Path]:
    """The paths that begin with an incomplete one."""
    folder, _, name = incomplete.rpartition("/")
    with suppress(OSError, ValueError):
        root = Path(folder or ("/" if incomplete.startswith("/") else "."))
        return sorted(
            each for each in root.iterdir() if each.name.startswith(name) and each.name[0] != "."
        )
    return []


def _is_run(folder: Path) -> bool:
    with suppress(OSError):
        return any((folder / name).is_file() for name in ("run.json", "recipe.yaml"))
    return False
