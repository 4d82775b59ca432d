"""Environment variables that would end the process."""

from __future__ import annotations

import pytest

from mxdigits.backends.mxnet.installation.environment import environment_problem

pytestmark = pytest.mark.mxnet

ENGINES = "one of NaiveEngine, ThreadedEngine, ThreadedEnginePerDevice"

SUBGRAPHS = "one of NONE, MKLDNN, MKLDNN_QUANTIZE, default, default_v2"


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("MXNET_ENGINE_TYPE", "NoSuch", ENGINES),
        ("MXNET_ENGINE_TYPE", "naiveengine", ENGINES),
        ("OMP_NUM_THREADS", "abc", "a whole number from 1 to 1024"),
        ("OMP_NUM_THREADS", "0", "a whole number from 1 to 1024"),
        ("OMP_NUM_THREADS", "-1", "a whole number from 1 to 1024"),
        ("OMP_NUM_THREADS", "2000000", "a whole number from 1 to 1024"),
        ("MXNET_CPU_WORKER_NTHREADS", "1.5", "a whole number from 1 to 1024"),
        ("MXNET_CPU_WORKER_NTHREADS", "0", "a whole number from 1 to 1024"),
        ("MXNET_EXEC_BULK_EXEC_MAX_NODE_TRAIN", "x", "a whole number"),
        ("MXNET_EXEC_BULK_EXEC_MAX_NODE_TRAIN", "-1", "a whole number"),
        ("MXNET_OMP_MAX_THREADS", "99999999999999", "a whole number"),
        ("MXNET_MKLDNN_ENABLED", "yes", "0 or 1"),
        ("MXNET_MKLDNN_CACHE_NUM", "x", "a whole number, or -1 for no limit"),
        ("MXNET_TUNING_WEIGHT_SCALE", "x", "a number"),
        ("MXNET_BACKWARD_DO_MIRROR", "x", "a whole number"),
        ("MXNET_SUBGRAPH_VERBOSE", "99999999999999", "a whole number"),
        ("MXNET_EXEC_BULK_EXEC_INFERENCE", "-1", "0 or 1"),
        ("MXNET_EXEC_VERBOSE_LOGGING", "x", "0 or 1"),
        ("MXNET_SUBGRAPH_BACKEND", "mkldnn", SUBGRAPHS),
        ("DMLC_ROLE", "server", "worker"),
    ],
)
def test_what_mxnet_would_stumble_over(name, text, wanted):
    problem = environment_problem({"HOME": "/", name: text})
    assert problem == f"{name}={text!r} must be {wanted}; or unset it"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("MXNET_ENGINE_TYPE", "NaiveEngine"),
        ("OMP_NUM_THREADS", " 2 "),
        ("MXNET_CPU_WORKER_NTHREADS", "+3"),
        ("MXNET_CPU_WORKER_NTHREADS", ""),
        ("MXNET_OMP_MAX_THREADS", "0"),
        ("MXNET_MKLDNN_ENABLED", "True"),
        ("MXNET_MKLDNN_CACHE_NUM", "-1"),
        ("MXNET_TUNING_WEIGHT_SCALE", "1.5e-3"),
        ("MXNET_SUBGRAPH_BACKEND", "NONE"),
        ("MXNET_BACKWARD_DO_MIRROR", "-1"),
        ("DMLC_ROLE", "worker"),
        ("MXNET_SAFE_ACCUMULATION", "x"),  # MXNet takes it calmly
        ("MXNET_HOME", "/nowhere"),
        ("MXDIGITS_DEBUG", "perhaps"),
    ],
)
def test_what_it_reads(name, text):
    assert environment_problem({name: text}) == ""


@pytest.mark.parametrize("variable", ["MXNET_ENGINE_TYPE", "OMP_NUM_THREADS"])
@pytest.mark.parametrize("command", ["models show mlp", "doctor"])
def test_the_command_line_says_so_in_a_line(mxdigits_process, command, variable):
    done = mxdigits_process(*command.split(), **{variable: "NoSuch"})
    what = f"MXNet does not start: {variable}='NoSuch' must be "
    if command == "doctor":
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.count(what) == 1
    else:
        assert (done.returncode, done.stdout) == (3, "")
        assert done.stderr.startswith(f"error: {what}")
        assert done.stderr.count("\n") == 1


def test_without_docstrings_mxnet_does_not_start(mxdigits_process):
    done = mxdigits_process("models", "show", "mlp", PYTHONOPTIMIZE="2")
    assert (done.returncode, done.stdout, done.stderr) == (
        3,
        "",
        "error: MXNet does not start: it reads docstrings; leave out -OO or PYTHONOPTIMIZE=2\n",
    )
