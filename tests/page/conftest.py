"""A browser, for tests of what it makes of a page."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is on the PATH")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=found)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """LeNet after an epoch of MNIST."""
    if chosen := os.environ.get("MXDIGITS_PAGE_RUN"):
        return Path(chosen)
    home = tmp_path_factory.mktemp("runs")
    command = ["run", "lenet", "epochs=1", "--plain", "--output", str(home)]
    subprocess.run([sys.executable, "-m", "mxdigits", *command], check=True, capture_output=True)
    (folder,) = home.glob("lenet/*")
    return folder
