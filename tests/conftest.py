"""What every test may use: small data, and processes that run the command line."""

from __future__ import annotations

import doctest
import linecache
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from command_line import run_here
from hypothesis import settings

# Tests run one process a core. Set before anything imports MXNet, which reads it once.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# For ``benchmarks``, which nobody installs; behind everything else, so that an installed mxdigits
# stays the one that is tested.
sys.path.append(str(Path(__file__).parents[1]))


# A shell in the background has its processes ignore Ctrl-C, nohup SIGHUP, and they pass that on.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# Its tests lie in a folder of that name, which is found where MXNet is not.
MXNET = getattr(find_spec("mxnet"), "origin", None) is not None
NEEDS_MXNET = "it needs MXNet, which is not installed"

# A busy machine is no reason to fail.
settings.register_profile("mxdigits", deadline=None)
settings.register_profile("fuzz", deadline=None, max_examples=5000)  # tox -e fuzz
settings.load_profile("mxdigits")


# Where MXNet is not installed, as in `tox -e no-mxnet`, what needs it is skipped: a module that
# cannot be imported without it, and what is marked with ``mxnet``.


def _is_for_mxnet(error: BaseException | None) -> bool:
    """Whether an error, or what it was raised from, says that MXNet is not installed."""
    from mxdigits.errors import MXNetMissing

    while error is not None:
        named = (isinstance(error, ModuleNotFoundError) and error.name) or ""
        if named.split(".")[0] == "mxnet" or isinstance(error, MXNetMissing):
            return True
        error = error.__cause__
    return False


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    report = yield
    if not MXNET and report.call.excinfo and _is_for_mxnet(report.call.excinfo.value):
        report.outcome = "skipped"
        report.longrepr = (str(collector.path), 0, f"Skipped: {NEEDS_MXNET}")
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not MXNET and item.get_closest_marker("mxnet"):
            item.add_marker(pytest.mark.skip(reason=NEEDS_MXNET))


class _Runner(doctest.DocTestRunner):
    """Runs an example up to where it needs a library that is not installed."""

    def report_unexpected_exception(self, out, test, example, exc_info):
        from mxdigits.errors import BackendMissing

        error = exc_info[1]
        if not MXNET and _is_for_mxnet(error):
            pytest.skip(NEEDS_MXNET)
        if isinstance(error, BackendMissing) and "is not installed" in str(error):
            pytest.skip(str(error))
        super().report_unexpected_exception(out, test, example, exc_info)


@pytest.fixture
def run_examples(tmp_path, monkeypatch):
    """Runs the examples in the docstrings of a module, each in a folder of its own."""
    from read_once import file_of_mnist

    from mxdigits.registry import REGISTRIES

    # Many of them read all of MNIST.
    monkeypatch.setattr("mxdigits.data.mnist._read", file_of_mnist)

    def run_examples(module):
        # For each example its debugger, which nobody uses, looks whether these files have changed.
        linecache.clearcache()
        runner = _Runner(optionflags=doctest.ELLIPSIS)
        for number, each in enumerate(doctest.DocTestFinder().find(module)):
            (tmp_path / str(number)).mkdir()
            monkeypatch.chdir(tmp_path / str(number))
            for registry in REGISTRIES:  # some register plugins
                monkeypatch.setattr(registry, "_registered", {})
            assert runner.run(each).failed == 0, each.name

    return run_examples


@pytest.fixture(scope="session")
def digits() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """A hundred 1x16x16 images that a small network learns in seconds: a bar at a place a class."""
    random = np.random.default_rng(7)

    def make(count: int) -> tuple[np.ndarray, np.ndarray]:
        labels = np.arange(count) % 4
        images = random.integers(0, 60, (count, 16, 16)).astype(np.uint8)
        for image, label in zip(images, labels):
            image[4 * label : 4 * label + 3, 2:14] = 230
        return images, labels

    return {"train": make(130), "test": make(46)}


@pytest.fixture(scope="session")
def idx_folder(digits, tmp_path_factory) -> Path:
    """The digits as four IDX files."""
    from mxdigits.data.idx import write_idx

    folder = tmp_path_factory.mktemp("idx")
    for part, prefix in (("train", "train"), ("test", "t10k")):
        images, labels = digits[part]
        write_idx(folder / f"{prefix}-images-idx3-ubyte", images)
        write_idx(folder / f"{prefix}-labels-idx1-ubyte.gz", labels.astype(np.uint8))
    return folder


@cache
def _picture_reader():
    from mxdigits.digitize.picture_reader import PictureReader

    return PictureReader()


@pytest.fixture
def one_picture_reader(monkeypatch):
    """Read pictures in a process that many tests share, for each start of one takes its time."""
    import mxdigits.data.folder
    import mxdigits.digitize.picture_reader

    _picture_reader()  # of the class itself
    for module in (mxdigits.data.folder, mxdigits.digitize.picture_reader):
        monkeypatch.setattr(module, "PictureReader", _picture_reader)


@pytest.fixture
def mxdigits(tmp_path):
    """Run the command line in an empty folder, in this process; gives what a process would give."""

    def call(*arguments, cwd=tmp_path) -> subprocess.CompletedProcess:
        return run_here(*arguments, cwd=cwd)

    return call


@pytest.fixture
def mxdigits_process(tmp_path):
    """Run the command line in an empty folder, in a process of its own; gives that, finished."""

    def call(*arguments, cwd=tmp_path, timeout=300, **environment) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "mxdigits", *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    return call


class Page(HTMLParser):
    """An HTML page, read strictly: every element closed in its turn, every address kept.

    ``text`` is what a reader sees; ``tags`` are (name, attributes) in order; ``ids`` every id.
    """

    VOID = frozenset(["br", "img", "meta", "link", "input", "hr"])

    def __init__(self, html: str):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self._open[-1:] not in (["style"], ["script"]):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    @property
    def ids(self) -> list[str]:
        return [attributes["id"] for _, attributes in self.tags if "id" in attributes]

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def check(self) -> None:
        """What holds of every page: it needs nobody else, runs nothing, and can be read out."""
        (policy,) = (m for m in self.all("meta") if "http-equiv" in m)
        assert policy["content"].startswith("default-src 'none'; img-src data:;")
        for tag, attributes in self.tags:
            assert tag not in ("script", "link", "iframe", "object", "embed", "form", "base")
            for name, value in attributes.items():
                assert not name.startswith("on"), (tag, name)
                assert "url(" not in value or "url(#" in value
                if name in ("href", "src", "xlink:href"):
                    assert value.startswith(("#", "data:image/png;base64,"))
                    assert not value.startswith("#") or value[1:] in self.ids
        assert len(self.ids) == len(set(self.ids))
        assert len(self.all("h1")) == 1
        assert all(image["alt"] for image in self.all("img"))
        assert all(head["scope"] in ("row", "col") for head in self.all("th"))
        assert all(svg["role"] == "img" and svg["aria-label"] for svg in self.all("svg"))


@pytest.fixture(scope="session")
def page():
    """Read an HTML page and check what holds of every one."""

    def read(html: str) -> Page:
        assert "@import" not in html
        found = Page(html)
        found.check()
        return found

    return read


@pytest.fixture
def make_results(tmp_path):
    """Make up the results of a run: (logits, labels) and whatever else matters to the test."""
    from mxdigits.data.dataset import Split
    from mxdigits.report.results import Results
    from mxdigits.runs.folder import RunFolder
    from mxdigits.train.history import EpochRecord, History
    from mxdigits.train.metrics import softmax

    def make(logits, labels, *, name="a", classes=None, record=None, recipe="model: mlp\n"):
        folder = tmp_path / "bars" / name
        folder.mkdir(parents=True, exist_ok=True)
        history = History()
        for epoch, loss in enumerate((0.5, 0.25)):
            numbers = (epoch, 0.1 / (epoch + 1), 130, 0.5, 260.0, loss, 1 - loss, loss, 1 - loss)
            history.append(EpochRecord(*numbers))
        logits = np.asarray(logits, np.float32)
        random = np.random.default_rng(3)
        images = random.integers(0, 256, (len(labels), 1, 8, 8)).astype(np.uint8)
        return Results(
            folder=RunFolder(folder),
            record={"recipe": "bars", "state": "finished"} if record is None else record,
            recipe=recipe,
            history=history,
            test=Split(images, np.asarray(labels, np.int64)),
            prob=softmax(logits),
            classes=classes or tuple(map(str, range(logits.shape[1]))),
        )

    return make


@pytest.fixture
def no_matplotlib(tmp_path) -> dict[str, str]:
    """The environment of a process that finds no matplotlib."""
    away = tmp_path / "no-matplotlib"
    away.mkdir()
    (away / "matplotlib.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'matplotlib'\", name='matplotlib')\n"
    )
    return {"PYTHONPATH": os.pathsep.join([str(away), os.environ.get("PYTHONPATH", "")])}
