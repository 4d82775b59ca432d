"""MXNet's import does not wait for modules that nobody may use; whoever uses one has it."""

from __future__ import annotations

import os
import subprocess
import sys
from textwrap import dedent

import pytest


@pytest.mark.mxnet
def test_a_module_is_imported_by_who_uses_it(tmp_path):
    package = tmp_path / "scipy"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "sparse.py").write_text("")
    (package / "stats.py").write_text("entropy = 'the entropy'\n")
    code = """
        import sys
        import numpy
        from mxdigits.backends.mxnet.runtime import import_mxnet

        def imported(name):
            return type(sys.modules[name]) is type(sys)

        mx = import_mxnet()
        assert not imported("mxnet.test_utils")
        assert "scipy.stats" not in sys.modules and "urllib3" not in sys.modules
        assert mx.test_utils.ss.entropy == "the entropy"
        assert imported("mxnet.test_utils") and not imported("mxnet.contrib.quantization")
        assert mx.contrib.quant.stats.entropy == "the entropy"
        # It reads NumPy's old names, as all of MXNet does, and nobody else sees them.
        assert mx.test_utils.np.bool is bool
        assert "bool" not in vars(numpy)
        import mxnet.gluon.model_zoo.vision as zoo
        assert zoo is mx.gluon.model_zoo.vision and zoo.get_model("alexnet").features
        assert issubclass(mx.mod.Module, mx.module.BaseModule)
        assert not any(name.split(".")[0] in ("distutils", "setuptools") for name in sys.modules)
        assert not any("mxdigits" in type(each).__module__ for each in sys.meta_path)
    """
    run_with(tmp_path, code)


@pytest.mark.mxnet
def test_each_is_what_plain_mxnet_has(tmp_path):
    """All names in MXNet's modules, once they have been asked for."""
    listed = """
        import sys, warnings
        from mxdigits.backends.mxnet.installation import modules_later
        from mxdigits.backends.mxnet.runtime import import_mxnet

        modules_later._LATER = {later}
        import_mxnet()
        for _ in range(2):  # one brings others
            names = [name for name in sys.modules if name.split(".")[0] == "mxnet"]
            shown = {{name: sorted(vars(sys.modules[name])) for name in names}}
        print(sorted(shown.items()))
    """
    lazy = run_with(tmp_path, listed.format(later="modules_later._LATER"))
    assert lazy == run_with(tmp_path, listed.format(later="()"))
    assert "mxnet.contrib.onnx.onnx2mx.import_onnx" in lazy


def test_others_get_at_once_what_they_import(tmp_path):
    (tmp_path / "requests.py").write_text("get = 'the function'\n")
    (tmp_path / "mine.py").write_text("from requests import get\n")
    (tmp_path / "yours.py").write_text("import requests\n\ndef get():\n    return requests.get\n")
    code = """
        import inspect
        import sys
        from contextlib import nullcontext
        from mxdigits.backends.mxnet.installation.modules_later import is_imported, modules_later

        with modules_later(nullcontext):
            import yours
            assert not is_imported(sys.modules["requests"])
            import mine
        assert mine.get == yours.get() == "the function"
        assert inspect.getsource(sys.modules["requests"]) == "get = 'the function'\\n"
    """
    run_with(tmp_path, code)


def test_what_is_not_there_is_missed_at_once(tmp_path):
    code = """
        import sys
        from contextlib import nullcontext
        from mxdigits.backends.mxnet.installation.modules_later import modules_later

        sys.path[:] = [path for path in sys.path if "packages" not in path]
        with modules_later(nullcontext):
            try:
                import requests
            except ModuleNotFoundError as error:
                assert error.name == "requests"
            else:
                raise AssertionError("it was found")
    """
    run_with(tmp_path, code)


@pytest.mark.mxnet
def test_one_that_fails_fails_where_it_is_used(tmp_path):
    (tmp_path / "requests.py").write_text("raise RuntimeError('too old')\n")
    code = """
        from mxdigits.backends.mxnet.runtime import import_mxnet

        mx = import_mxnet()
        assert mx.nd.ones((2,)).asnumpy().sum() == 2
        try:
            mx.gluon.utils.requests.get
        except RuntimeError as error:
            assert str(error) == "too old"
        else:
            raise AssertionError("it did not fail")
    """
    run_with(tmp_path, code)


def run_with(path, code):
    found = {**os.environ, "PYTHONPATH": f"{path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    run = [sys.executable, "-W", "error::DeprecationWarning", "-c", dedent(code)]
    done = subprocess.run(run, env=found, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout
