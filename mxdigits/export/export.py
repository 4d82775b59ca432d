"""Write a network to files. In this order: check, write, compare, describe, put in place."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from ..errors import OutputError, UsageError
from ..signals import stoppable
from ..storage.disk import flush, move_file
from ..storage.files import check_writable, make_folder, why_not_written
from .formats import ExportOptions, NetworkFormat, network_format
from .parity import TOLERANCE, ExportDiffers, Parity, check, compare
from .source import Source


@dataclass(frozen=True)
class ExportRequest:
    """What to write, and where.

    ``formats`` are names; ``output`` is a file for one format, a folder for any number, and None
    for the current folder. A name without a suffix is that of a folder. ``force`` lets existing
    files be replaced; ``tolerance`` is the largest allowed difference of outputs.

    Example:
        >>> ExportRequest(["onnx", "web"], Path("exported")).force
        False
    """

    formats: Sequence[str]
    output: Optional[Path] = None
    force: bool = False
    tolerance: float = TOLERANCE

    @property
    def folder(self) -> Optional[Path]:
        """The folder that the files go to; None for the current one, and if a file is named."""
        output = self.output
        if output is None or (len(self.formats) == 1 and output.suffix and not output.is_dir()):
            return None
        return output


@dataclass(frozen=True)
class Exported:
    """A format that was written: its files, and the result of the comparison.

    Example:
        >>> done = Exported("onnx", (Path("lenet.onnx"),), parity)  # doctest: +SKIP
    """

    format: str
    files: tuple[Path, ...]
    parity: Parity


@dataclass(frozen=True)
class Job:
    """A format and where its files go; ``target`` is the first file.

    Example:
        >>> Job("mxnet", network_format("mxnet"), Path("lenet-symbol.json")).files[1].name
        'lenet-0000.params'
    """

    name: str
    format: NetworkFormat
    target: Path

    @property
    def files(self) -> tuple[Path, ...]:
        return tuple(self.format.files(self.target))


@contextmanager
def folder_of(request: ExportRequest) -> Iterator[None]:
    """Make the folder that a request names; if it stays empty, it is removed when the block ends.

    Raises:
        UsageError: if there is a file in its place.
        OutputError: if it cannot be made.

    Example:
        >>> with folder_of(ExportRequest(["mxnet", "onnx"], Path("exported"))):
        ...     Path("exported").is_dir()
        True
        >>> Path("exported").exists()
        False
    """
    folder = request.folder
    made = folder is not None and not folder.exists()
    if folder is not None:
        _check_is_no_file(folder, request)
        make_folder(folder)
    try:
        yield
    finally:
        if made and folder is not None:
            with suppress(OSError):  # such as the error for a folder that is not empty
                folder.rmdir()


def jobs(stem: str, request: ExportRequest) -> list[Job]:
    """Return the requested formats, each with its target file, after checks that it can be written.

    Args:
        stem: the name of the files if the user gives none.
        request: what the user asked for.

    Raises:
        UsageError: if there is no such format, or two would write one file.
        OutputError: if a file is there already, or cannot be written.

    Example:
        >>> [job.target.name for job in jobs("lenet", ExportRequest(["mxnet", "onnx"]))]
        ['lenet-symbol.json', 'lenet.onnx']
    """
    for name, times in Counter(request.formats).items():
        if times > 1:
            raise UsageError(f"the format {name} is named {times} times; name it once")
    if request.folder is not None:
        _check_is_no_file(request.folder, request)
    found = []
    for name in request.formats:
        form = network_format(name)
        found.append(Job(name, form, _target(stem, form, request)))
    owners: dict[Path, str] = {}
    for job in found:
        for file in job.files:
            if file in owners:
                raise UsageError(
                    f"{owners[file]} and {job.name} would both write {file}; "
                    "export one after the other, with another --output"
                )
            owners[file] = job.name
            _check_place(file, request.force)
    return found


def export(
    source: Source, todo: Sequence[Job], options: ExportOptions, tolerance: float
) -> Iterator[Exported]:
    """Write the formats one after the other, and yield each one once its files are in place.

    Args:
        source: the network.
        todo: from :func:`jobs`.
        options: for the formats.
        tolerance: the largest allowed difference of outputs.

    Raises:
        NetworkError: if a format cannot hold a layer; then nothing is written.
        ExportDiffers: if a file is too far from the network; it is not kept.
        Interrupted: after SIGINT, SIGTERM or SIGHUP; nothing half-written is left.

    Example:
        >>> todo = jobs("lenet", ExportRequest(["onnx"]))
        >>> done = list(export(source, todo, options, TOLERANCE))  # doctest: +SKIP
    """
    for job in todo:
        job.format.check(source.network, options)
    with stoppable() as stopper:
        for job in todo:
            stopper.meanwhile = f"before {job.target} was written"
            yield _exported(source, job, options, tolerance)


def _exported(source: Source, job: Job, options: ExportOptions, tolerance: float) -> Exported:
    form = job.format
    with _beside(job.target) as folder:
        draft = folder / job.target.name
        form.write(source.network, draft, options)
        try:
            parity = compare(source, form.load(draft))
            check(parity, exact=form.exact, tolerance=tolerance, max_drop=options.max_drop)
        except ExportDiffers as error:
            raise ExportDiffers(f"{job.target} ({job.name}) is not kept: {error}") from None
        form.write(source.network.described(parity=parity.texts()), draft, options)
        for made, file in zip(form.files(draft), job.files):
            _place(made, file)
    return Exported(job.name, job.files, parity)


def _target(stem: str, form: NetworkFormat, request: ExportRequest) -> Path:
    output = request.output
    if output is None or request.folder is not None:
        return (request.folder or Path()) / (stem + form.suffix)
    if not output.name.endswith(form.suffix):
        raise UsageError(
            f"{output}: a file of the format {request.formats[0]} ends in {form.suffix}; "
            "if a folder is meant, make it first"
        )
    return output


def _check_is_no_file(folder: Path, request: ExportRequest) -> None:
    if not folder.exists() or folder.is_dir():
        return
    if len(request.formats) > 1:
        raise UsageError(f"several formats need a folder, which {folder} is not")
    suffix = network_format(request.formats[0]).suffix
    raise UsageError(
        f"{folder} is a file; a file of the format {request.formats[0]} ends in {suffix}"
    )


def _check_place(file: Path, force: bool) -> None:
    if file.exists() and not file.is_dir() and not force:
        raise OutputError(f"{file} is there already; --force replaces it")
    check_writable(file)


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A temporary folder on the target's file system, removed when the block ends."""
    try:
        with tempfile.TemporaryDirectory(prefix=".mxdigits-export-", dir=target.parent) as folder:
            yield Path(folder)
    except OSError as error:
        raise OutputError(f"cannot write {target}: {why_not_written(target, error)}") from error


def _place(made: Path, file: Path) -> None:
    with open(made, "rb") as written:
        flush(written.fileno())
    move_file(made, file)
