"""``os._exit(0)`` in the middle of a command is no success."""

from __future__ import annotations

import os
import subprocess
import sys
from textwrap import dedent

import pytest

from mxdigits.cli.early_exit import no_early_exit


def ended(source: str) -> tuple[int, str]:
    """Exit code and errors of a process that runs a source."""
    done = subprocess.run(
        [sys.executable, "-c", dedent(source)], capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize(("status", "code"), [(0, 1), (1, 1), (7, 7)])
def test_an_exit_inside(status, code):
    found = ended(
        f"""
        import os
        from mxdigits.cli.early_exit import no_early_exit

        with no_early_exit():
            os._exit({status})
        """
    )
    said = (
        "error: os._exit(0) was called in <string>, line 6, before the command was done\n"
        if status == 0
        else ""
    )
    assert found == (code, said)


def test_an_exit_after_the_block_by_a_name_that_was_taken_inside():
    found = ended(
        """
        import os
        from mxdigits.cli.early_exit import no_early_exit

        with no_early_exit():
            from os import _exit
        _exit(0)
        """
    )
    assert found == (0, "")


def test_forked_processes_leave_as_they_like():
    before = os._exit
    with no_early_exit():
        child = os.fork()
        if not child:
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
    assert os._exit is before


def test_a_plugin_that_leaves_is_no_finished_run(tmp_path):
    code, said = ended(
        f"""
        import os, sys
        import mxdigits
        from mxdigits.cli import main

        class Leaves(mxdigits.Callback):
            def on_epoch_end(self, record):
                os._exit(0)

        mxdigits.register_callback("leaves")(Leaves)

        @mxdigits.register_dataset("few")
        def few():
            import numpy as np
            images, labels = np.zeros((4, 8, 8), np.uint8), np.arange(4) % 2
            return {{"train": (images, labels), "test": (images, labels)}}

        sys.exit(main([
            "run", "mlp", "data.name=few", "data.batch_size=2", "callbacks=leaves", "epochs=1",
            "--plain", "--output", {str(tmp_path)!r},
        ]))
        """
    )
    assert (code, said) == (
        1,
        "error: os._exit(0) was called in <string>, line 8, before the command was done\n",
    )
    (record,) = tmp_path.rglob("run.json")
    assert '"state": "running"' in record.read_text()
