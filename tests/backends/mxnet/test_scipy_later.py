"""MXNet's import does not wait for SciPy, and nobody misses it."""

from __future__ import annotations

import os
import subprocess
import sys
from textwrap import dedent

import pytest


@pytest.mark.mxnet
def test_scipy_is_imported_by_who_uses_it(tmp_path):
    package = tmp_path / "scipy"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "sparse.py").write_text("")
    (package / "stats.py").write_text("entropy = 'the entropy'\n")
    code = """
        import sys
        from mxdigits.backends.mxnet.runtime import import_mxnet, mxnet_importable

        mx = import_mxnet()
        assert "scipy.stats" not in sys.modules
        assert mx.contrib.quantization.stats.entropy == "the entropy"
        assert mx.test_utils.ss.entropy == "the entropy"
        assert "scipy.stats" in sys.modules
        assert not any("scipy_later" in type(each).__module__ for each in sys.meta_path)
    """
    run_with(tmp_path, code)


def test_a_plugin_that_is_imported_with_mxnet_gets_it_at_once(tmp_path):
    package = tmp_path / "scipy"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "stats.py").write_text("entropy = 'the entropy'\n")
    (tmp_path / "mine.py").write_text("from scipy.stats import entropy\n")
    code = """
        from mxdigits.backends.mxnet.installation.scipy_later import scipy_later

        with scipy_later():
            import mine
        assert mine.entropy == "the entropy"
    """
    run_with(tmp_path, code)


def run_with(path, code):
    found = {**os.environ, "PYTHONPATH": str(path)}
    run = [sys.executable, "-c", dedent(code)]
    done = subprocess.run(run, env=found, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
