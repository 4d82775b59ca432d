"""Pack a run's network to give it away: as a wheel to install, or as a folder for a model hub."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from .. import __version__
from ..errors import OutputError
from ..plugins.registry import NETWORKS
from ..predict.cards import CARD
from ..report.card import CardText, cell, model_card, shared_recipe, without_metadata
from ..report.page import decimals
from ..report.results import Results
from ..runs.description import Description
from ..signals import stoppable
from ..storage.files import check_writable, replacing, write_text
from ..storage.json_text import json_text
from .export import Exported, ExportRequest, export, jobs
from .formats import ExportOptions
from .naming import Naming
from .parity import TOLERANCE
from .source import Source
from .wheel import Wheel

_MODULE = '''\
"""{summary}

    >>> import mxdigits
    >>> network = mxdigits.load("{name}")

README.md beside this file is its model card.
"""

from pathlib import Path


def network():
    """Where the ONNX file lies, which says of itself what it takes and gives."""
    return Path(__file__).with_name("{name}.onnx")
'''


@dataclass(frozen=True)
class PackageRequest:
    """What is given away: a run's ``results``, its network as ``source``, and its name.

    Example:
        >>> called = Naming("digits-lenet", "1.0")
        >>> request = PackageRequest(results, source, called, options)  # doctest: +SKIP
    """

    results: Results
    source: Source
    naming: Naming
    options: ExportOptions
    tolerance: float = TOLERANCE


def package(request: PackageRequest, folder: Path, *, force: bool = False) -> tuple[Path, Exported]:
    """Write a wheel with a network as ONNX, compared with the run, and its model card.

    Args:
        request: what to pack.
        folder: where the file goes.
        force: whether a file of that name is replaced.

    Returns:
        The file, and the result of the comparison.

    Raises:
        ExportDiffers: if the network in ONNX gives other answers; then no file is written.
        OutputError: if the file exists already, or cannot be written.
        MxdigitsError: if the network cannot be written as ONNX.

    Example:
        >>> wheel, done = package(request, Path("dist"))  # doctest: +SKIP
    """
    called = request.naming
    target = folder / _wheel(request, {}, "").filename
    _check_free(target, force)
    with _drafts() as drafts:
        (done,) = _export(request, ["onnx"], drafts)
        install = f"pip install {target.name}"
        card = _card(request, [done], (install, called.name, _shape(request)))
        stem = f"{called.module}/"
        summary = _summary(request.results)
        files = {
            f"{stem}__init__.py": _MODULE.format(summary=summary, name=called.name).encode(),
            f"{stem}{called.name}.onnx": done.files[0].read_bytes(),
            f"{stem}{CARD}": card.encode(),
        }
        with replacing(target) as temporary:
            _wheel(request, files, without_metadata(card)).write(temporary)
    return target, done


def hub_folder(request: PackageRequest, folder: Path, formats: Sequence[str]) -> list[Exported]:
    """Write a folder as model hubs expect it: the card, the network, its configuration, the recipe.

    Nothing is uploaded.

    Args:
        request: what to write.
        folder: made if it does not exist; it has to be empty.
        formats: the formats in which the network is written.

    Raises:
        ExportDiffers: if a format gives other answers; then the folder is not made.
        OutputError: if the folder is not empty, or cannot be written.
        MxdigitsError: if a format cannot hold the network.

    Example:
        >>> hub_folder(request, Path("hub"), ["onnx", "safetensors"])  # doctest: +SKIP
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"{folder} is there already, and is no empty folder")
    with _drafts() as drafts:
        done = _export(request, formats, drafts, stem="model")
        description = request.source.network.description
        card = _card(request, done, ("", done[0].files[0].name, _shape(request)))
        write_text(drafts / CARD, card)
        write_text(drafts / "recipe.yaml", shared_recipe(request.results.recipe))
        write_text(drafts / "config.json", json_text(_config(request, description)) + "\n")
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(drafts, folder, dirs_exist_ok=True)
        except (OSError, shutil.Error) as error:
            raise OutputError(f"cannot write {folder}: {error}") from None
    return done


def _card(request: PackageRequest, done: Sequence[Exported], use: tuple[str, str, str]) -> str:
    """The model card, which says how to use the network and how it was compared."""
    more = [
        ("Use", use_section(*use)),
        ("Comparison with the run", "\n".join(map(_compared, done))),
    ]
    tags = [each.format for each in done]
    return model_card(
        request.results, CardText(request.naming.name, request.naming.license, tags, more)
    )


def use_section(install: str, named: str, shape: str) -> str:
    """How to use a network, as Markdown.

    Args:
        install: the command that installs it, empty for none.
        named: the network's name on the command line.
        shape: the shape of images for ``predict``, as it is written in Python.

    Example:
        >>> use_section("pip install mine.whl", "mine", "(n, 28, 28)").splitlines()[:3]
        ['```sh', 'pip install mine.whl', 'mxdigits predict mine photo.png']
    """
    lines = [
        "```sh",
        *([install] if install else []),
        f"mxdigits predict {named} photo.png",
        f"mxdigits serve {named}",
        "```",
        "",
        "```python",
        "import mxdigits",
        "",
        f'network = mxdigits.load("{named}")',
        f"probabilities = network.predict(images)  # uint8 {shape}, light digits on black",
        "```",
    ]
    return "\n".join(lines)


def _compared(done: Exported) -> str:
    sentences = "; ".join(done.parity.sentences())
    return f"- `{done.files[0].name}`: {cell(sentences)}."


def _shape(request: PackageRequest) -> str:
    """The shape of images for `predict`, as it is written in Python."""
    _, *size = request.source.network.description.image_shape
    return f"(N, {', '.join(map(str, size))})"


def _summary(results: Results) -> str:
    low, high = results.scores.interval()
    return (
        f"A network that tells {len(results.classes)} classes of images apart: accuracy "
        f"{decimals(results.scores.accuracy)} ({decimals(low)} to {decimals(high)})"
    )


def _wheel(request: PackageRequest, files: dict[str, bytes], description: str) -> Wheel:
    called = request.naming
    return Wheel(
        called.name,
        called.version,
        _summary(request.results),
        description,
        requires=[f"mxdigits[onnx]>={__version__}"],
        license=called.license,
        entry_points={NETWORKS.group: {called.name: f"{called.module}:network"}},
        files=files,
    )


def _export(
    request: PackageRequest, formats: Sequence[str], folder: Path, stem: Optional[str] = None
) -> list[Exported]:
    todo = jobs(stem or request.naming.name, ExportRequest(formats, folder))
    return list(export(request.source, todo, request.options, request.tolerance))


def _config(request: PackageRequest, description: Description) -> dict[str, object]:
    """What programs need to know before they load the network."""
    return {
        "library_name": "mxdigits",
        "model_type": "image-classification",
        **description.model_dump(mode="json", exclude={"parity"}),
        "id2label": dict(enumerate(description.classes)),
        "label2id": {name: place for place, name in enumerate(description.classes)},
    }


@contextmanager
def _drafts() -> Iterator[Path]:
    """A temporary folder for files that are not complete yet."""
    with stoppable(), tempfile.TemporaryDirectory(prefix="mxdigits-") as folder:
        yield Path(folder)


def _check_free(target: Path, force: bool) -> None:
    if target.exists() and not force:
        raise OutputError(f"{target} is there already; --force replaces it")
    check_writable(target)
