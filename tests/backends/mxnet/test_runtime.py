"""What a process needs before its first ``import mxnet``; each case is a process of its own.

Most processes import a stand-in, a package called mxnet that says what it saw.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from textwrap import dedent

import pytest

from mxdigits.backends.cpus import usable_cpus
from mxdigits.backends.mxnet import runtime
from mxdigits.backends.mxnet.runtime import engine_threads
from mxdigits.backends.spinning import SPIN_COUNT
from mxdigits.installing import install_command

pytestmark = pytest.mark.mxnet

NOT_INSTALLED = f"MXNet is not installed: {install_command('cpu')}"

# A machine without MXNet, wherever the tests run.
HIDE_MXNET = """
import sys
class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "mxnet":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Hide())
"""


def process(code: str, path: str = "", **environment) -> subprocess.CompletedProcess:
    # Perhaps they were set by another test's import of MXNet.
    settled = {"OMP_NUM_THREADS", SPIN_COUNT, *runtime.SETTINGS}
    kept = {k: v for k, v in os.environ.items() if k not in settled}
    path = os.pathsep.join(filter(None, [path, kept.get("PYTHONPATH")]))
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**kept, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture
def saw(tmp_path):
    """Run code after an import from ``runtime``; gives what it leaves in ``saw``."""

    def saw(code: str, *, mxnet: str | None = None, **environment):
        path = ""
        if mxnet is not None:
            (tmp_path / "mxnet").mkdir()
            (tmp_path / "mxnet" / "__init__.py").write_text(dedent(mxnet))
            (tmp_path / "mxnet" / "inner.py").write_text("import numpy as _np\nother = 3\n")
            path = str(tmp_path)
        head = (
            "import json, os, sys, numpy\n"
            "from mxdigits.backends.mxnet.runtime import engine_threads, import_mxnet\n"
            "from mxdigits.backends.cpus import usable_cpus\n"
            "from mxdigits.errors import MXNetMissing\n"
        )
        code = head + dedent(code) + "\nprint(json.dumps(saw))"
        done = process(code, path, **environment)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return json.loads(done.stdout)

    return saw


# NumPy's old names


def test_mxnet_finds_the_old_names_of_numpy_and_nobody_else_does(saw):
    assert saw(
        """
        before = dict(vars(numpy))
        mx = import_mxnet()
        saw = [
            mx.during,
            [name for name in mx.during if name in vars(numpy)],
            set(vars(numpy)) == set(before),
            mx.np is mx.inner._np is not numpy,
            [mx.np.bool is bool, mx.np.int is int, mx.np.float is float, mx.np.object is object,
             mx.np.str is str],
            mx.np.array is numpy.array and mx.np.random is numpy.random,
            hasattr(mx.np, "absent"),
            mx.inner.other,
            import_mxnet() is mx,
        ]
        """,
        mxnet="""
        import warnings
        import numpy as np
        from . import inner
        during = [n for n in ("bool", "int", "float", "object", "str") if n in vars(np)]
        warnings.warn("nobody who uses it can mend this", DeprecationWarning)
        warnings.warn("nor that")
        """,
    ) == [
        ["bool", "int", "float", "object", "str"],
        [],
        True,
        True,
        [True] * 5,
        True,
        False,
        3,
        True,
    ]


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (
            "raise OSError('libcudart.so.11.0: cannot open shared object file')",
            "MXNet does not start: libcudart.so.11.0: cannot open shared object file",
        ),
        (
            "raise ImportError('cannot import name x')",
            "MXNet does not start: cannot import name x",
        ),
        (
            "import mxdigits_needs_this",
            "MXNet does not start: it needs the module 'mxdigits_needs_this'",
        ),
        (
            "import numpy; numpy.no_such_name",
            "MXNet does not start: module 'numpy' has no attribute 'no_such_name'",
        ),
    ],
)
def test_an_mxnet_that_does_not_start(saw, failure, message):
    """Every time it is asked for; and NumPy is left as it was."""
    assert saw(
        """
        before, saw = set(vars(numpy)), []
        for _ in range(2):
            try:
                import_mxnet()
            except MXNetMissing as error:
                saw += [str(error), error.exit_code, type(error.__cause__).__name__ != "NoneType"]
        saw.append(set(vars(numpy)) == before)
        """,
        mxnet=failure,
    ) == [message, 3, True, message, 3, True, True]


def test_without_mxnet(saw):
    assert saw(
        HIDE_MXNET
        + """
try:
    import_mxnet()
except MXNetMissing as error:
    saw = [str(error), error.exit_code]
"""
    ) == [NOT_INSTALLED, 3]


def test_the_command_line_without_mxnet():
    """What needs it says so; what does not, works."""
    done = process(
        HIDE_MXNET
        + dedent(
            """
            from mxdigits.cli import main
            from mxdigits.plugins.own import OWN

            codes = [main(["run", "mlp", "backend=mxnet"])]
            OWN["mxdigits.model_graphs"].clear()  # as of a plugin's model
            codes += [main(line.split()) for line in ("models show lenet", "run mlp", "models")]
            print(codes)
            """
        )
    )
    needs = "model {0!r} needs MXNet. " + NOT_INSTALLED
    how = (
        "; to train it here, write its graph where MXNet is: mxdigits models show mlp --graph "
        "mlp.json, and take model: {name: graph, path: mlp.json}"
    )
    assert done.stderr.splitlines() == [
        f"error: {NOT_INSTALLED}",
        f"error: {needs.format('lenet')}",
        f"error: {needs.format('mlp')}{how}",
    ]
    assert done.stdout.splitlines()[-1] == "[3, 3, 3, 0]"
    assert done.returncode == 0


def test_the_real_mxnet():
    """Functions of MXNet that read old names when they run, in a process that has none itself."""
    done = process(
        dedent(
            """
            import os, numpy
            from mxdigits.backends.mxnet.runtime import engine_threads, import_mxnet
            from mxdigits.backends.mxnet.runtime import seed_everything
            seed_everything(7)
            mx = import_mxnet(threads=2)
            drawn = mx.nd.random.uniform(shape=3).asnumpy().tolist()
            seed_everything(7)
            assert mx.nd.random.uniform(shape=3).asnumpy().tolist() == drawn
            assert (os.environ["OMP_NUM_THREADS"], engine_threads()) == ("2", 2)
            assert not {"bool", "int", "float", "object", "str"} & set(vars(numpy))
            if tuple(map(int, numpy.__version__.split(".")[:2])) >= (1, 24):
                assert not hasattr(numpy, "bool")
            ours = mx.np.array([True, False, True], dtype=bool)
            assert ours.asnumpy().tolist() == [True, False, True]
            assert mx.np.array([1, 2, 3])[ours].asnumpy().tolist() == [1, 3]
            assert mx.np.array([1, 2, 3])[numpy.array([True, False, True])].shape == (2,)
            assert mx.nd.array([1, 0], dtype=bool).asnumpy().tolist() == [True, False]
            assert mx.np.full((2,), True).dtype == numpy.bool_
            assert mx.nd.array([1, 2]).asnumpy().tolist() == [1, 2]
            print("done")
            """
        ),
        OMP_NUM_THREADS="1",
    )
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr


# Threads

RECORDS_OMP = "import os\nomp = os.environ.get('OMP_NUM_THREADS')"


@pytest.mark.parametrize(
    ("argument", "variable", "expected"),
    [
        ("", None, None),
        ("", "3", "3"),
        ("", "3,2", "3"),
        ("None", "3", "3"),
        ("threads=2", None, "2"),
        ("threads=2", "3", "2"),
    ],
)
def test_threads_are_settled_before_the_import_and_once(saw, argument, variable, expected):
    environment = {} if variable is None else {"OMP_NUM_THREADS": variable}
    omp, threads, later = saw(
        f"""
        mx = import_mxnet({argument})
        threads = engine_threads()
        import_mxnet(threads=7)
        saw = [mx.omp, threads, engine_threads()]
        """,
        mxnet=RECORDS_OMP,
        **environment,
    )
    expected = expected or str(usable_cpus())
    assert (omp, threads, later) == (expected, int(expected[0]), int(expected[0]))


def test_settings_are_there_before_the_import_and_the_users_own_stay(saw):
    first, *others = runtime.SETTINGS
    found = saw(
        "saw = import_mxnet().seen", mxnet="import os\nseen = dict(os.environ)", **{first: "7"}
    )
    assert {name: found[name] for name in runtime.SETTINGS} == {
        first: "7",
        **{name: runtime.SETTINGS[name] for name in others},
    }
    assert found[SPIN_COUNT] in ("2000", "10000")


@pytest.mark.parametrize(
    ("text", "threads"),
    [("4", 4), ("4,2", 4), ("", 1), ("0", 1), ("all", 1), ("-3", 1), ("1.5", 1), (None, 1)],
)
def test_the_threads_of_the_engine(monkeypatch, text, threads):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if text is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", text)
    assert engine_threads() == threads


def test_the_calling_thread_has_no_pool_of_its_own(saw):
    """The setting is the thread's own: another thread, like the engine's, keeps its number."""
    counts = saw(
        """
        import ctypes, threading
        try:
            openmp = ctypes.CDLL("libgomp.so.1")
        except OSError:
            openmp = None
        mx = import_mxnet(threads=2)
        saw = None
        if openmp:
            saw = [openmp.omp_get_max_threads()]
            other = threading.Thread(target=lambda: saw.append(openmp.omp_get_max_threads()))
            other.start()
            other.join()
        """,
        mxnet="",
        OMP_NUM_THREADS="2",
    )
    if counts is None:
        pytest.skip("there is no libgomp.so.1 here")
    assert counts == [1, 2]
