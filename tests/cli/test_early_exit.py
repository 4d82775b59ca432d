"""An end in the middle of a command is no success."""

from __future__ import annotations

import os
import posix
import subprocess
import sys
from textwrap import dedent

import pytest

from mxdigits.cli.early_exit import no_early_exit


def ended(source: str) -> tuple[int, str]:
    """Exit code and errors of a process that runs a source."""
    done = subprocess.run(
        [sys.executable, "-c", dedent(source)], capture_output=True, text=True, timeout=300
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("module", ["os", "posix"])
@pytest.mark.parametrize(
    ("status", "code", "said"), [("0", 1, "0"), ("256", 1, "256"), ("False", 1, "0"), ("7", 7, "")]
)
def test_an_exit_inside(module, status, code, said):
    found = ended(
        f"""
        import {module}
        from mxdigits.cli.early_exit import no_early_exit

        with no_early_exit():
            {module}._exit({status})
        """
    )
    line = f"error: os._exit({said}) was called in <string>, line 6, before the command was done\n"
    assert found == (code, line * bool(said))


def test_a_name_that_was_taken_inside_is_guarded_inside():
    found = ended(
        """
        from mxdigits.cli.early_exit import no_early_exit

        with no_early_exit():
            from posix import _exit
            _exit(0)
        """
    )
    assert found[0] == 1


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("os.execv('/bin/true', ['true'])", "execv"),
        ("os.execve('/bin/true', ['true'], {})", "execve"),
        ("os.execvp('true', ['true'])", "execv"),
        ("os.execlp('true', 'true')", "execv"),
        ("os.execle('/bin/true', 'true', {})", "execve"),
        ("posix.execv('/bin/true', ['true'])", "execv"),
    ],
)
def test_no_other_program_takes_its_place(call, name):
    done = ended(
        f"""
        import os, posix
        from mxdigits.cli.early_exit import no_early_exit

        with no_early_exit():
            {call}
        """
    )
    assert (done[0], done[1].splitlines()[-1]) == (
        1,
        f"RuntimeError: os.{name} would put another program in the place of mxdigits before the "
        "command is done; start one with subprocess.run",
    )


def test_a_program_may_take_its_place_afterwards():
    found = ended(
        """
        from mxdigits.cli.early_exit import no_early_exit

        with no_early_exit():
            from os import execv
        execv("/bin/false", ["false"])
        """
    )
    assert found == (1, "")


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
    before = os._exit, os.execv, os.execve, posix._exit
    with no_early_exit():
        for leave in (lambda: os._exit(0), lambda: os.execv("/bin/true", ["true"])):
            child = os.fork()
            if not child:
                leave()
            assert os.waitpid(child, 0)[1] == 0
        assert subprocess.run(["true"]).returncode == 0
        assert os.spawnv(os.P_WAIT, "/bin/true", ["true"]) == 0
    assert (os._exit, os.execv, os.execve, posix._exit) == before


@pytest.mark.mxnet
@pytest.mark.parametrize(
    ("leave", "code", "line"),
    [
        (
            "os._exit(0)",
            1,
            "os._exit(0) was called in <string>, line 8, before the command was done",
        ),
        (
            "os.execvp('true', ['true'])",
            3,
            "callback Leaves: on_epoch_end failed: RuntimeError: os.execv would put another "
            "program in the place of mxdigits before the command is done; start one with "
            "subprocess.run",
        ),
    ],
)
def test_a_plugin_that_leaves_is_no_finished_run(tmp_path, leave, code, line):
    found, said = ended(
        f"""
        import os, sys
        import mxdigits
        from mxdigits.cli import main

        class Leaves(mxdigits.Callback):
            def on_epoch_end(self, record):
                {leave}

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
    assert (found, said.splitlines()[-1]) == (code, f"error: {line}")
    (record,) = tmp_path.rglob("run.json")
    assert '"state": "finished"' not in record.read_text()
