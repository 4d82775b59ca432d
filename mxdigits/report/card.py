"""A run's model card: Markdown that begins with the metadata which model hubs read.

Its content follows M. Mitchell et al.: Model Cards for Model Reporting, FAT* 2019.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..data.parts import FOLD, MIX, part_problems, parts_of
from ..errors import RecipeError
from ..runs.listing import read_run
from ..runs.record import Record
from ..storage.strict_yaml import dump, read
from ..values import Unchecked
from ..wording import flat, in_words, moment, some_of
from .by_class import by_class
from .calibration import BINS, FEW
from .licences import license_metadata
from .page import count, decimals, percent
from .report import mapping, trust
from .results import Results

_NAMED = 20  # classes that a sentence names
# Characters of Markdown and HTML that names must not bring into a table unescaped.
_MARKS = re.compile(r"([\\`*_\[\]<>|#~!])")


@dataclass(frozen=True)
class CardText:
    """What a card says besides the facts of the run.

    ``name`` is the title; ``license`` an SPDX expression, empty for none; ``tags`` come before
    those that every card has; ``more`` are further sections, each a title and its Markdown.

    Example:
        >>> CardText("digits-lenet", license="CC-BY-4.0", tags=["onnx"]).more
        ()
    """

    name: str
    license: str = ""
    tags: Sequence[str] = ()
    more: Sequence[tuple[str, str]] = ()


def model_card(results: Results, text: CardText) -> str:
    r"""Return the card of a run as Markdown.

    Args:
        results: the run, and its network's predictions for the test images.
        text: what to add.

    Example:
        >>> run = Path("runs/mlp/20261123T153755Z-62fd27")
        >>> results = read_results(run, print)  # doctest: +SKIP
        >>> model_card(results, CardText("digits-mlp")).partition("\n")[0]  # doctest: +SKIP
        '---'
    """
    record, scores = results.record, results.scores
    network = mapping(record.get("network"))
    shape = [int(size) for size in network.get("image_shape") or results.test.images.shape[1:]]
    low, high = scores.interval()
    preprocessing = str(mapping(network.get("input")).get("preprocessing") or "none")
    return _ENVIRONMENT.get_template("card.md").render(
        name=cell(text.name),
        metadata=dump(_metadata(results, text)),
        results=results,
        scores=scores,
        low=low,
        high=high,
        calibration=results.calibration,
        bins=BINS,
        few=FEW,
        trust=trust(results).replace("\N{NO-BREAK SPACE}", " "),
        by_class=by_class(scores, results.classes),
        classes=results.classes,
        some_classes=cell(some_of(results.classes, _NAMED)),
        shape=f"{shape[2]} x {shape[1]} pixels of {_channels(shape[0])}",
        parameters=count(network.get("parameters")) or "an unknown number of",
        versions=mapping(record.get("versions")),
        trained=_trained(record),
        unfinished=read_run(results.folder.path).unfinished,
        input=f"float32 (N, {', '.join(map(str, shape))}), 0 for black to 1 for white",
        preprocessing=preprocessing,
        limits=list(_limits(results)),
        data=_data(results),
        recipe=shared_recipe(results.recipe),
        members=[replace(each, run=Path(each.run).name) for each in results.members],
        recipe_name=cell(record.get("recipe", "unknown")),
        environment=_environment(record),
        hashes=mapping(network.get("sha256")),
        license=text.license,
        more=text.more,
    )


def without_metadata(card: str) -> str:
    r"""Return a card without its metadata, for places that show plain Markdown.

    >>> without_metadata("---\ntags: [a]\n---\n\n# b\n")
    '# b\n'
    """
    _, _, rest = card.partition("\n---\n")
    return rest.lstrip("\n") if card.startswith("---\n") and rest else card


def cell(text: object) -> str:
    r"""Escape a text so that a line of Markdown shows it as it is.

    >>> cell("a|b")
    'a\\|b'
    """
    return _MARKS.sub(r"\\\1", " ".join(str(text).split()))


def _metadata(results: Results, text: CardText) -> dict[str, object]:
    """The block of metadata in the form of Hugging Face's hub."""
    sets = _datasets(results)
    tested = sets[0]
    accuracy = {"type": "accuracy", "name": "test accuracy", "value": results.scores.accuracy}
    return {
        **license_metadata(text.license),
        "library_name": "mxdigits",
        "pipeline_tag": "image-classification",
        "tags": [*text.tags, "mxdigits", "digits", "image-classification"],
        "datasets": sets,
        "metrics": ["accuracy"],
        "model-index": [
            {
                "name": text.name,
                "results": [
                    {
                        "task": {"type": "image-classification"},
                        "dataset": {
                            "name": tested,
                            "type": tested,
                            "split": "train" if _fold(results) else "test",
                        },
                        "metrics": [accuracy],
                    }
                ],
            }
        ],
    }


def _limits(results: Results) -> Iterator[str]:
    """What a reader of the figures needs to know."""
    rows = [row for row in by_class(results.scores, results.classes) if row.samples]
    weakest = min(rows, key=lambda row: row.recall)
    yield (
        "It always answers with one of its classes, also for a picture of something else, of "
        "several digits, or of none."
    )
    tested, *more = _datasets(results)
    yield (
        f"The figures are those of the test images of {cell(tested)}, which come from the same "
        f"source as {'some of ' if more else ''}its training images. Other handwriting, pens and "
        "cameras were not measured; expect more mistakes with them."
    )
    if tested == "mnist" and not more:
        yield (
            "MNIST's digits were written by employees of the American Census Bureau and by "
            "American high school students: digits in other styles, such as a 1 "
            "with a long upstroke or a 7 with a bar, are rare or missing in it."
        )
    yield (
        f"It is weakest at class {cell(weakest.name)}: {weakest.correct:,} of {weakest.samples:,} "
        f"right ({decimals(weakest.low)} to {decimals(weakest.high)})."
    )
    wrong = ~results.right
    if wrong.any():
        sure = int((results.confidence[wrong] >= 0.9).sum())
        yield f"Of its {int(wrong.sum()):,} mistakes it was at least 90 % sure of {sure:,}."
    if results.evaluated_on == "test":
        yield (
            "Nothing was held out for validation. If the recipe was chosen by looking at these "
            "test images, the figures are too good."
        )


def _datasets(results: Results) -> list[str]:
    """The data sets that the network was trained on; the test images are those of the first."""
    data = mapping(results.record.get("data"))
    return _named(data.get("name"), mapping(data.get("options")))


def _named(name: object, options: Mapping[str, Unchecked]) -> list[str]:
    parts, of = options.get("parts"), options.get("of")
    if name == MIX and not any(part_problems(parts)):
        return [part.name for part in parts_of(parts)]
    if name == FOLD and of is not None:
        return _named(of["name"], of) if isinstance(of, dict) and "name" in of else [str(of)]
    return [str(name or "unknown")]


def _fold(results: Results) -> str:
    """The fold of training images that the run was tested on, if it was tested on one."""
    data = mapping(results.record.get("data"))
    options = mapping(data.get("options"))
    if data.get("name") != FOLD:
        return ""
    return f" (fold {options.get('fold')} of {options.get('folds', 5)} of the training images)"


def _data(results: Results) -> dict[str, object]:
    data = mapping(results.record.get("data"))
    options = without_folders(mapping(data.get("options")))
    sizes = {part: data.get(part) for part in ("train", "validation", "test")}
    told = [f"{size:,} {part} images" for part, size in sizes.items() if isinstance(size, int)]
    return {
        "name": cell(data.get("name") or "unknown"),
        "trained_on": cell(" and ".join(_datasets(results))),
        "tested_on": cell(_datasets(results)[0] + _fold(results)),
        "options": f" ({cell(in_words(options))})" if options else "",
        "sizes": ", ".join(told) or f"{len(results.test):,} test images",
        "sha256": mapping(data.get("sha256")),
    }


def shared_recipe(text: str) -> str:
    r"""Return a run's recipe to show to others: paths of this machine are cut to their last part.

    Example:
        >>> print(shared_recipe("data:\n  name: idx\n  path: /home/me/digits"), end="")
        data: {name: idx, path: digits}
    """
    try:
        return dump(without_folders(read(text, "recipe").value))
    except RecipeError:
        return text


def without_folders(value: object) -> object:
    """Return plain values to show to others: paths of this machine are cut to their last part.

    >>> without_folders({"path": "/home/me/digits", "share": 0.5})
    {'path': 'digits', 'share': 0.5}
    """
    if isinstance(value, Mapping):
        return {key: without_folders(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_folders(each) for each in value]
    return Path(value).name if isinstance(value, str) and value.startswith("/") else value


def _environment(record: Record) -> dict[str, str]:
    device = mapping(record.get("device"))
    facts = {
        **dict(flat(mapping(record.get("versions")))),
        "backend": record.get("backend", "mxnet"),
        **{key: device.get(key) for key in ("context", "name", "threads", "processor", "platform")},
        "seed": record.get("seed"),
    }
    return {key: in_words(value) for key, value in facts.items() if value not in (None, "")}


def _trained(record: Record) -> str:
    started = moment(record.get("started"))
    return f"on {started.partition(' ')[0]}" if started else "at an unknown time"


def _channels(channels: int) -> str:
    return "one channel" if channels == 1 else f"{channels} channels"


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "markdown"),
    autoescape=False,  # this is Markdown, not HTML: `cell` escapes
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_ENVIRONMENT.filters.update(decimals=decimals, percent=percent, count=count, cell=cell)
