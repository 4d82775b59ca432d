"""The command ``mxdigits launch``: what it refuses before anything is started, and a real run."""

from __future__ import annotations

import pytest

from mxdigits.cli import main


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """Run the command in an empty folder: (exit code, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        code = main(["launch", *arguments])
        return code, *capsys.readouterr()

    return call


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["mlp", "epochs=x"], "override epochs=x: epochs: must be a whole number, got 'x'"),
        (["mlp", "--hosts", "h"], "cannot read the hosts file h: No such file or directory"),
        (["mlp", "-n", "5000"], "5000 workers are too many; a run has at most 4096"),
        (
            ["mlp", "-n", "4", "data.batch_size=3"],
            "data.batch_size: 3 is less than the 4 workers, each of which needs an image of every "
            "batch; set a larger one, or start fewer workers",
        ),
    ],
)
def test_mistakes_are_told_once(call, arguments, said):
    assert call(*arguments) == (2, "", f"error: {said}\n")


def test_a_host_that_is_not_reached(call, tmp_path, monkeypatch):
    ssh = tmp_path / "ssh"
    ssh.write_text("#!/bin/sh\necho welcome\necho 'no route to it' >&2\nexit 255\n")
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    (tmp_path / "hosts.yaml").write_text("- {name: b}")
    assert call("mlp", "--hosts", "hosts.yaml") == (
        3,
        "",
        "host b: welcome\n"
        "error: host b cannot be used: ssh ended with exit code 255: no route to it\n",
    )


def test_an_address_of_another_machine(call, tmp_path):
    (tmp_path / "hosts.yaml").write_text("- {address: 192.0.2.1}")
    assert call("mlp", "--hosts", "hosts.yaml") == (
        3,
        "",
        "error: this machine: cannot listen on 192.0.2.1: Cannot assign requested address\n",
    )


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("folder: gone", "cannot work in gone: No such file or directory"),
        ("python: ./gone", "cannot start ./gone: No such file or directory"),
        (
            "python: ./python",
            "the Python that is to work there has no mxdigits; name one that has it in the hosts "
            "file, such as python: .venv/bin/python",
        ),
    ],
)
def test_a_host_that_is_described_wrongly(call, tmp_path, entry, said):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho \"No module named 'mxdigits'\" >&2\nexit 1\n")
    python.chmod(0o755)
    (tmp_path / "hosts.yaml").write_text(f"- {{{entry}}}")
    assert call("mlp", "--hosts", "hosts.yaml") == (3, "", f"error: this machine: {said}\n")


@pytest.mark.mxnet
def test_two_workers_train_and_go_on_from_a_checkpoint(mxdigits_process, idx_folder, tmp_path):
    words = ("launch", "-n", "2", "mlp", f"data.path={idx_folder}", "data.name=idx", "--no-report")
    first = mxdigits_process(*words, "epochs=1")
    assert first.returncode == 0, first.stderr
    assert "0: Epoch[0] Train-accuracy=" in first.stdout
    (run,) = (tmp_path / "runs" / "mlp").iterdir()
    done = mxdigits_process(*words, "epochs=2", "--resume", run)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines() + done.stderr.splitlines()
    assert {line.partition(": ")[0] for line in lines} == {"0", "1"}
    assert any("from epoch-0001-batch-000000" in line for line in lines)
    assert len((run / "history.csv").read_text().splitlines()) == 3
    assert list((tmp_path / "runs" / "mlp").iterdir()) == [run]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--slurm", "--mpi"], "--slurm and --mpi: write only one of them"),
        (["--hosts", "h", "--mpi"], "--hosts and --mpi: write only one of them"),
        (["--mpi", "-n", "2"], "-n: leave it out, because --mpi has the workers already"),
        (["--network", "10.0.0.0/8"], "--network: is only for --slurm and --mpi"),
        (["--meet", "file", "--hosts", "h"], "--meet: is only for --slurm and --mpi"),
        (
            ["--slurm"],
            "--slurm: this is not a task of SLURM; write srun mxdigits launch --slurm RECIPE",
        ),
    ],
)
def test_what_does_not_go_together(call, arguments, said, monkeypatch):
    monkeypatch.delenv("SLURM_PROCID", raising=False)
    assert call("mlp", *arguments) == (2, "", f"error: {said}\n")
