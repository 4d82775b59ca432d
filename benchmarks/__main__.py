"""python -m benchmarks: mxdigits beside the tutorial's script and other frameworks."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path

from benchmarks import machine, prediction, report, training
from benchmarks.arguments import count
from benchmarks.contenders import PREDICTION, TRAINING
from benchmarks.contenders.task import NETWORKS
from benchmarks.session import Session
from mxdigits.backends.cpus import usable_cpus

# The test images in each of their shifts.
MOST_IMAGES = 1_000_000

TABLES = {"training": training.tables, "prediction": prediction.tables}


def main() -> None:
    settings = _settings()
    # Every process inherits it, and every library here obeys it.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: settings.threads])
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        text = _measure(Session(settings, Path(folder)))
    print(text)
    if settings.output:
        report.add(settings.output, text)


def _measure(session: Session) -> str:
    """All tables that were asked for, as Markdown."""
    settings = session.settings
    began = f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC"
    facts = machine.describe(settings.threads)
    tables = [part for name in settings.tables for part in TABLES[name](session)]
    facts.append(f"rounds: {settings.rounds}, in turn; threads: {settings.threads}")
    facts += [f"{who} ({', '.join(versions)})" for who, versions in session.found.items()]
    facts += [f"skipped: {what}: {why}" for what, why in session.skipped.items()]
    listed = "".join(f"- {fact}\n" for fact in facts)
    return "\n".join([f"## {began}\n", listed, *tables])


def _settings() -> argparse.Namespace:
    cpus = usable_cpus()
    names = list(dict.fromkeys(contender.name for contender in (*TRAINING, *PREDICTION)))
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = parser.add_argument
    add("--tables", nargs="+", choices=TABLES, default=list(TABLES))
    add("--networks", nargs="+", choices=NETWORKS, default=["mlp", "lenet"])
    add("--contenders", nargs="+", choices=names, metavar="NAME", help=", ".join(names))
    add("--base", choices=names, metavar="NAME", help="whom ratios compare with; mxdigits")
    add("--rounds", type=count, default=3)
    add("--epochs", type=count, default=10)
    add("--threads", type=count, default=cpus, help=f"for everyone; at most {cpus}, the default")
    add("--images", nargs="+", type=count, default=[10_000, MOST_IMAGES], help="to predict")
    add("--limit", type=count, help="images to train and test with, a multiple of 100, to try")
    add("--peers-python", default=sys.executable, help="the interpreter that has PyTorch, JAX, ...")
    add(
        "--output",
        type=Path,
        default=Path(__file__).with_name("RESULTS.md"),
        help="where the results go, before the older ones",
    )
    settings = parser.parse_args()
    if settings.threads > cpus:
        parser.error(f"--threads: at most {cpus}")
    if max(settings.images) > MOST_IMAGES:
        parser.error(f"--images: at most {MOST_IMAGES}")
    if settings.limit and settings.limit % 100:
        parser.error("--limit: a multiple of 100")
    if not shutil.which(settings.peers_python):
        parser.error(f"--peers-python: {settings.peers_python} cannot be run")
    settings.peers_python = os.path.abspath(shutil.which(settings.peers_python))
    return settings


if __name__ == "__main__":
    main()
