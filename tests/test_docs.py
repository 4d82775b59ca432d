"""What docs/plugins.md lists is what there is; tests/plugins runs its commands."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mxdigits
from mxdigits import EpochRecord, RunEnd, RunStart, Stop, __version__
from mxdigits.plugins.registry import DATASETS, EXPORTERS, MODELS
from mxdigits.predict.predictions import write_predictions
from mxdigits.testing.augmentations import AUGMENTING
from mxdigits.testing.callbacks import CALLING
from mxdigits.testing.datasets import READING
from mxdigits.testing.formats import WRITING
from mxdigits.testing.loading import LOADING
from mxdigits.testing.model_building import BUILDING
from mxdigits.testing.model_passes import PASSES
from mxdigits.testing.network_formats import EXPORTING
from mxdigits.testing.results import expectation
from mxdigits.train.callbacks import FitStart

ROOT = Path(__file__).parents[1]
PLUGINS = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
CHECKS = {
    "LOADING": LOADING,
    "BUILDING PASSES": [*BUILDING, *PASSES],
    "READING": READING,
    "AUGMENTING": AUGMENTING,
    "CALLING": CALLING,
    "WRITING": WRITING,
    "EXPORTING": EXPORTING,
}


@pytest.mark.parametrize("lists", CHECKS)
def test_every_check_is_listed_with_what_it_expects(lists):
    _, _, after = PLUGINS.partition(f"<!-- checks: {lists} -->\n")
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", after.split("\n###")[0].split("\nA ")[0], re.M)
    assert rows == [(check.__name__, expectation(check)) for check in CHECKS[lists]]


@pytest.mark.parametrize(
    "name",
    [
        "mxdigits-tiny/mxdigits_tiny.py",
        "mxdigits-tiny/tiny.yaml",
        "mxdigits-crate/mxdigits_crate.py",
    ],
)
def test_the_files_are_shown_as_they_are(name):
    shown = re.findall(r"```(?:python|yaml)\n(.+?)```", PLUGINS, re.S)
    assert (ROOT / "plugins" / name).read_text(encoding="utf-8") in shown


def example(name: str) -> dict[str, Any]:
    """What the example that defines ``name`` defines."""
    (source,) = (
        b
        for b in re.findall(r"```python\n(.+?)```", PLUGINS, re.S)
        if re.search(rf"(class|def) {name}\b", b)
    )
    defined: dict[str, Any] = {}
    exec(source, defined)
    return defined


def test_the_callback_of_the_documentation_stops_a_fit():
    enough = example("Enough")["Enough"](accuracy=0.9)
    record = EpochRecord(0, 0.1, 100, 1.0, 100.0, train_loss=0.5, train_accuracy=0.85)
    assert enough.on_epoch_end(record) is None
    record = replace(record, train_accuracy=0.91)
    assert enough.on_epoch_end(record) == Stop("a training accuracy of 0.9100 is enough")


def test_the_format_of_the_documentation_writes(tmp_path, monkeypatch):
    monkeypatch.setattr(EXPORTERS, "_registered", {})
    EXPORTERS.register("tsv")(example("Tsv")["Tsv"])
    write_predictions(tmp_path / "p.tsv", np.array([[0.25, 0.75], [1, 0]], np.float32))
    assert (tmp_path / "p.tsv").read_text() == "0\t1\t0.75\n1\t0\t1\n"


def test_the_tracker_of_the_documentation_posts_each_epoch():
    posted = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        tracker = example("Webhook")["Webhook"](url=f"http://127.0.0.1:{server.server_port}")
        tracker.on_run_start(RunStart("mlp", Path("runs/mlp/a"), {}, "test"), pytest.fail)
        tracker.on_fit_start(FitStart(0, 1, 100, 10))
        tracker.on_epoch_end(EpochRecord(0, 0.1, 100, 1.0, 100.0, 0.5, 0.85, 0.6, 0.8))
        tracker.on_run_end(RunEnd("finished"))
        server.shutdown()
    epoch, end = posted
    assert (epoch["run"], epoch["epoch"], epoch["test_accuracy"]) == ("a", 0, 0.8)
    assert end == {"run": "a", "state": "finished"}


@pytest.mark.mxnet
def test_the_notebook_of_the_documentation_runs(tmp_path, monkeypatch, digits):
    monkeypatch.setattr(MODELS, "_registered", {})
    monkeypatch.setattr(DATASETS, "_registered", {})
    monkeypatch.chdir(tmp_path)
    real = mxdigits.run
    mxdigits.register_dataset("few")(lambda: digits)

    def run_on_few(recipe):
        data = recipe.data.model_copy(update={"name": "few"})
        return real(recipe.model_copy(update={"data": data}), report=False)

    monkeypatch.setattr(mxdigits, "run", run_on_few, raising=False)
    example("small")
    (record,) = tmp_path.glob("runs/run/*/run.json")
    assert json.loads(record.read_text())["plugins"]["model"]["name"] == "small"


def test_the_changelog_says_added_changed_and_fixed_under_versions():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    unreleased, *versions = re.findall(r"^## (.+)$", text, re.M)
    assert unreleased == "Unreleased"
    assert all(re.fullmatch(r"\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d", version) for version in versions)
    assert versions[0].split()[0] == __version__
    for section in text.split("\n## ")[1:]:
        headings = re.findall(r"^### (.+)$", section, re.M)
        assert headings == [each for each in ("Added", "Changed", "Fixed") if each in headings]
        assert headings
