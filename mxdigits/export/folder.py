"""A run's network as a folder to ship inside a distribution; every backend can use it."""

from __future__ import annotations

import shutil
from pathlib import Path

from ..errors import OutputError
from ..predict.cards import CARD
from ..report.card import CardText, model_card, shared_recipe, without_folders
from ..report.results import Results
from ..runs.folder import RunFolder
from ..storage.files import check_writable, replacing, write_text
from .naming import Naming
from .package import use_section

# Keys of the record that only the owner of a run needs, such as what else was installed.
_OWN = ("installed", "init", "resumed", "learning")


def write_folder(
    results: Results, called: Naming, folder: Path, *, force: bool = False
) -> tuple[Path, ...]:
    """Write the files that are needed to predict with a run's network, and to train it again.

    These are its two files, its record without paths of this machine, its recipe and its model
    card. An entry point of the group ``mxdigits.networks`` may return the folder's path.

    Args:
        results: of the run.
        called: the network's name and licence.
        folder: an existing folder; other files in it are left alone.
        force: whether files of these names are replaced.

    Returns:
        The files.

    Raises:
        OutputError: if there is no such folder, or a file exists already or cannot be written.

    Example:
        >>> files = write_folder(results, naming, Path("mine/network"))  # doctest: +SKIP
    """
    run, target = results.folder, RunFolder(folder)
    if not folder.is_dir():
        raise OutputError(f"there is no folder {folder}")
    files = (
        target.record_file,
        target.recipe_file,
        target.symbol_file,
        target.parameters_file,
        folder / CARD,
    )
    for file in files:
        if file.exists() and not force:
            raise OutputError(f"{file} is there already; --force replaces it")
        check_writable(file)
    record = {key: without_folders(each) for key, each in results.record.items() if key not in _OWN}
    for source, copy in (
        (run.symbol_file, target.symbol_file),
        (run.parameters_file, target.parameters_file),
    ):
        with replacing(copy) as temporary:
            shutil.copyfile(source, temporary)
    write_text(target.recipe_file, shared_recipe(results.recipe))
    write_text(folder / CARD, model_card(results, _card_text(results, called)))
    target.write_record(record)
    return files


def _card_text(results: Results, called: Naming) -> CardText:
    _, *size = results.test.images.shape[1:]
    shape = f"(N, {', '.join(map(str, size))})"
    return CardText(
        called.name, called.license, more=[("Use", use_section("", called.name, shape))]
    )
