"""The threads that MXNet leaves to others."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.mxnet

SCRIPT = """
import os
from mxdigits.backends.mxnet.runtime import import_mxnet, release_threads

def threads():
    return len(os.listdir("/proc/self/task"))

release_threads()  # nothing where there is no MXNet yet
mx = import_mxnet(3)
images, weight = mx.nd.ones((50, 1, 100, 100)), mx.nd.ones((16, 1, 3, 3))

def work():
    mx.nd.Convolution(images, weight, kernel=(3, 3), num_filter=16, no_bias=True).wait_to_read()
    return threads()

at_work = work()
release_threads()
print(at_work - threads(), work() - threads(), work() - at_work)
"""


def test_threads_go_and_come_back():
    """Of a team of three the engine's own thread leads, and two others end."""
    environment = {**os.environ, "OMP_NUM_THREADS": "3"}
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "2 0 0\n"
