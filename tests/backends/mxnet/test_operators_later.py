"""MXNet's import does not wait for the functions of operators; whoever calls one has MXNet's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from textwrap import dedent

import pytest

LISTED = """
    import inspect, json, sys
    from types import FunctionType

    {before}
    from mxdigits.backends.mxnet.runtime import import_mxnet

    mx = import_mxnet()
    functions = {{}}
    for module in [name for name in sys.modules if name.startswith("mxnet.")]:
        for name, value in vars(sys.modules[module]).items():
            # NumPy's own may show no signature.
            if isinstance(value, FunctionType) and value.__module__ != "numpy":
                functions[f"{{module}}.{{name}}"] = value
    later = [name for name, each in functions.items() if "_become" in (each.__kwdefaults__ or {{}})]
    for name in later:
        named = functions[name].__kwdefaults__ or {{}}  # it may stand in several modules
        assert not named or named["_become"]() is functions[name]
    shown = {{name: str(inspect.signature(each)) for name, each in functions.items()}}
    documented = {{name: each.__doc__ for name, each in functions.items() if name in {of}}}
    print(json.dumps([len(later), shown, documented]))
"""
OF = ["mxnet.ndarray.Convolution", "mxnet.symbol.Convolution", "mxnet.ndarray.contrib.box_nms"]


@pytest.mark.mxnet
def test_a_function_becomes_the_one_that_mxnet_makes(tmp_path):
    later, shown, documented = json.loads(run_with(tmp_path, LISTED.format(before="", of=OF)))
    plain = LISTED.format(before='sys.ps1 = ">>> "', of=OF)  # as at a prompt
    nothing, as_mxnet_shows, as_mxnet_documents = json.loads(run_with(tmp_path, plain))
    assert (nothing, later > 2000) == (0, True)
    assert shown == as_mxnet_shows
    assert documented == as_mxnet_documents
    assert sorted(documented) == sorted(OF)


@pytest.mark.mxnet
def test_who_holds_it_before_its_first_call_has_it_after(tmp_path):
    code = """
        import sys
        from threading import Barrier, Thread
        from mxdigits.backends.mxnet.runtime import import_mxnet

        mx = import_mxnet()
        relu = mx.nd.relu
        ones, barrier, found = mx.nd.ones((2,)), Barrier(8), []

        def call():
            barrier.wait()
            found.append(relu(-ones).asnumpy().tolist())

        sys.setswitchinterval(1e-6)
        threads = [Thread(target=call) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [[0, 0]] * 8
        assert relu is mx.nd.relu
        assert relu.__doc__.startswith("Computes rectified linear")
        assert not any("operators_later" in type(each).__module__ for each in sys.meta_path)
        assert mx.base._init_op_module.__module__ == "mxnet.base"
    """
    assert run_with(tmp_path, code) == ""


@pytest.mark.parametrize(
    "base",
    ["", "def _init_op_module(make):\n    pass\n", "_init_op_module = _init_np_op_module = 3\n"],
)
def test_another_mxnet_is_imported_as_it_is(tmp_path, base):
    package = tmp_path / "mxnet"
    (package / "ndarray").mkdir(parents=True)
    (package / "__init__.py").write_text("from . import base\nfrom .ndarray import register\n")
    (package / "base.py").write_text(base)
    (package / "ndarray" / "__init__.py").write_text("")
    (package / "ndarray" / "register.py").write_text("")
    code = """
        from mxdigits.backends.mxnet.installation.operators_later import operators_later

        with operators_later():
            import mxnet.base
            before = dict(vars(mxnet.base))
        assert before == vars(mxnet.base)
        print(mxnet.ndarray.register.__name__)
    """
    assert run_with(tmp_path, code) == "mxnet.ndarray.register\n"


def run_with(path, code):
    found = {**os.environ, "PYTHONPATH": str(path)}
    run = [sys.executable, "-c", dedent(code)]
    done = subprocess.run(run, env=found, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout
