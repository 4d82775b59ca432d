"""python -m benchmarks.gpu: mxdigits on an NVIDIA GPU beside hand-written JAX and PyTorch.

It needs NumPy, JAX and PyTorch, and no MXNet: the networks are traced on a machine that has MXNet:

    python -m benchmarks.gpu --trace FOLDER        # with MXNet and mxdigits-gluoncv
    python -m benchmarks.gpu --networks FOLDER --output results
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.arguments import count
from benchmarks.on_gpu.table import markdown

ROOT = Path(__file__).resolve().parent.parent

NETWORKS = ("lenet", "mlp", "resnet20")
# The accuracy on the test set that ten epochs on all images must reach.
ACCURACY = {"mlp": 0.97, "lenet": 0.985, "resnet20": 0.985}
WHOLE = 60_000, 10

OURS, OURS_BY_TORCH = "mxdigits_xla", "mxdigits_torch"
JAX, TORCH = "jax_scan", "torch_cuda"
# How many epochs of a contender are timed, after one that is not.
TIMED = {"mlp": 5, "lenet": 5, "resnet20": 2}

# JAX keeps all programs that it compiles; each process takes memory only as it needs it.
ENVIRONMENT = {
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}


@dataclass
class Session:
    """Runs contenders until the time is up, and collects their results."""

    settings: argparse.Namespace
    folder: Path
    began: float = field(default_factory=time.monotonic)
    results: list[dict[str, Any]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def run(self, contender: str, part: str, network: str, *, cache: str = "cache") -> list[Any]:
        """Run a part of a contender in a process of its own; returns its results."""
        left = self.settings.seconds - (time.monotonic() - self.began)
        label = f"{contender} {part} {network}"
        if left < 5:
            self.skipped.append(f"{label}: no time was left")
            return []
        began = time.monotonic()
        lines, why = self._process(contender, part, network, left, cache)
        seconds = time.monotonic() - began
        if why:
            self.skipped.append(f"{label}: {why}")
        print(f"{label}: {seconds:.1f} s {why}", *lines, sep="\n  ", flush=True)
        said = [json.loads(line) for line in lines]
        about = {"contender": contender, "part": part, "network": network, "process": seconds}
        self.results += [{**about, **each} for each in said]
        return said

    def _process(
        self, contender: str, part: str, network: str, left: float, cache: str
    ) -> tuple[list[str], str]:
        given = self.settings
        epochs = (
            given.epochs
            if contender in (OURS, OURS_BY_TORCH)
            else min(TIMED[network], given.epochs)
        )
        command = [sys.executable, "-m", f"benchmarks.on_gpu.{contender}", part, network]
        command += ["--images", str(given.images), "--epochs", str(epochs)]
        command += ["--networks", str(given.networks), "--folder", str(self.folder)]
        environment = {**os.environ, **ENVIRONMENT}
        environment["JAX_COMPILATION_CACHE_DIR"] = str(self.folder / cache)
        try:
            done = subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=left
            )
        except subprocess.TimeoutExpired as error:
            output = error.stdout or b""
            return _json_lines(output.decode()), "time was up"
        why = (done.stderr.strip().splitlines() or ["it failed"])[-1] if done.returncode else ""
        if why:
            print(done.stderr[-3000:], file=sys.stderr)
        return _json_lines(done.stdout), why


def main() -> None:
    settings = _settings()
    if settings.trace:
        from benchmarks.on_gpu.networks import trace

        trace(settings.trace)
        return
    with tempfile.TemporaryDirectory(prefix="gpu-") as folder:
        session = Session(settings, Path(folder))
        checks = _measure(session)
    whole = time.monotonic() - session.began
    report = {
        "device": _device(),
        "settings": {"images": settings.images, "epochs": settings.epochs},
        "seconds": whole,
        "checks": checks,
        "skipped": session.skipped,
        "results": session.results,
    }
    text = markdown(report)
    print(text)
    settings.output.with_suffix(".json").write_text(json.dumps(report, indent=1) + "\n")
    settings.output.with_suffix(".md").write_text(text)
    sys.exit(not all(checks.values()))


def _measure(session: Session) -> dict[str, bool]:
    """Measure everything, the most important first; returns the checks."""
    checks: dict[str, bool] = {}
    networks = session.settings.only
    for network in networks:
        for said in session.run(OURS, "run", network):
            if (session.settings.images, session.settings.epochs) == WHOLE:
                least = ACCURACY[network]
                checks[f"{network}: accuracy at least {least}"] = said["accuracy"] >= least
        session.run(JAX, "float32", network)
        if network == "lenet":
            session.run(OURS, "run", network)  # again, with the programs that were compiled before
            checks.update(_resumed(session, OURS, network))
            session.run(OURS_BY_TORCH, "run", network)
            checks.update(_resumed(session, OURS_BY_TORCH, network))
            session.run(TORCH, "float32", network)
            session.run(OURS, "settings", network)
    for part in ("float32", "tf32"):
        for network in networks:
            if (part, network) != ("float32", "lenet"):
                session.run(TORCH, part, network)
    for network in networks:
        session.run(JAX, "tf32", network)
        if network != "lenet":
            session.run(OURS, "settings", network)
    return checks


def _resumed(session: Session, contender: str, network: str) -> dict[str, bool]:
    left = session.run(contender, "leave", network)
    gone_on = session.run(contender, "go-on", network)
    if not left or not gone_on:
        return {}
    same = left[0]["weights"] == gone_on[0]["weights"] and left[0]["stopped"]
    what = f"the same bits after batch {left[0]['batch']} in a new process"
    return {f"{contender}, {network}: {what}": same}


def _json_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("{")]


def _device() -> str:
    command = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "no NVIDIA GPU"
    return said.strip().replace(", ", ", driver ")


def _settings() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    add = parser.add_argument
    add("--trace", type=Path, help="write the networks into this folder, and nothing else")
    add("--networks", type=Path, help="the folder that --trace wrote")
    add("--output", type=Path, default=Path("gpu"), help="the results, .md and .json")
    add("--only", nargs="+", choices=NETWORKS, default=NETWORKS)
    add("--images", type=count, default=WHOLE[0], help="a multiple of 100")
    add("--epochs", type=count, default=WHOLE[1])
    add("--seconds", type=count, default=230, help="after which nothing more is begun")
    settings = parser.parse_args()
    if not settings.trace and not settings.networks:
        parser.error("--networks: the folder that --trace wrote")
    return settings


if __name__ == "__main__":
    main()
