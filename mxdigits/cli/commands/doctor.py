"""What this machine offers, and what mxdigits decides from that, as lines for a bug report."""

from __future__ import annotations

import os
import platform

from ... import __version__
from ...backends.choose import choose_devices
from ...backends.cpus import cgroup_cpus, usable_cpus
from ...backends.machine import processor
from ...backends.mxnet.installation.cuda import several_builds
from ...backends.mxnet.runtime import SETTINGS, engine_threads, import_mxnet
from ...backends.mxnet.types import MXNet
from ...backends.nvidia import driver_version
from ...backends.race.memory import Entry, Memory, remembered
from ...backends.spinning import SPIN_COUNT
from ...errors import BackendMissing, ContextError, MXNetMissing
from ...plugins.installed import installed_version
from ...plugins.registry import REGISTRIES

# The CPU features by which oneDNN chooses its kernels.
_FEATURES = ("avx2", "avx512f", "avx512_bf16", "amx_bf16")

_PACKAGES = (
    *("mxnet", "mxnet-cu112", "mxnet-cu117", "numpy", "pydantic", "PyYAML", "rich", "typer"),
    *("jax", "jaxlib", "jax-cuda12-plugin", "jax-cuda13-plugin", "torch", "onnx", "onnxruntime"),
    *("safetensors", "Jinja2", "matplotlib", "packaging", "pillow", "pillow-heif"),
    *("anyio", "starlette", "uvicorn", "optuna", "pandas", "scikit-learn"),
)


def diagnose() -> list[tuple[str, str]]:
    """Findings as pairs of a name and a value; problems are findings too, never exceptions.

    >>> diagnose()[0][0]  # doctest: +SKIP
    """
    affinity = sorted(os.sched_getaffinity(0))
    quota = cgroup_cpus()
    findings = [
        ("mxdigits", __version__),
        ("python", platform.python_version()),
        ("platform", platform.platform()),
        *[(name, here) for name in _PACKAGES if (here := installed_version(name))],
        ("processor", processor() or "unknown"),
        ("processor features", " ".join(_features()) or "none of " + " ".join(_FEATURES)),
        ("CPUs by affinity", f"{len(affinity)} of {os.cpu_count()}"),
        ("CPUs by control group", "no limit" if quota == float("inf") else f"{quota:g}"),
        ("CPUs to use", str(usable_cpus())),
        ("OMP_NUM_THREADS", os.environ.get("OMP_NUM_THREADS", "not set")),
    ]
    if (driver := driver_version()) is not None:
        findings.append(("NVIDIA driver", driver or "there is one"))
    findings += [
        (f"{kind} by {backend}", _by(backend, kind))
        for backend in ("xla", "torch")
        for kind in ("cpu(0)", "gpu(0)")
    ]
    findings.append(("cpu(0) by onnx", _by("onnx", "cpu(0)")))
    findings += _mxnet()
    findings += [("fastest", _measured(memory)) for memory in remembered()]
    for registry in REGISTRIES:
        findings += [
            (f"{registry.noun} {e.name}", f"{e.distribution} {e.version}: {registry.state(e)}")
            for e in registry.entries()
        ]
    return findings


def _mxnet() -> list[tuple[str, str]]:
    try:
        mx = import_mxnet()
    except MXNetMissing as error:
        return [("MXNet", str(error))]
    several = several_builds()
    return [
        ("MXNet", f"starts; {several}" if several else "starts"),
        ("engine threads", str(engine_threads())),
        *((name, os.environ[name]) for name in (*SETTINGS, SPIN_COUNT)),
        ("MXNet features", " ".join(_mxnet_features(mx))),
        ("gpu(0)", _gpu()),
    ]


def _measured(memory: Memory) -> str:
    """The remembered measurements of the speed of backends for one kind of work."""
    facts = memory.facts
    files = facts.get("files")
    hashes = [str(each) for each in files.values()] if isinstance(files, dict) else []
    what = str(facts.get("graph") or ", ".join(hashes))
    rest = [str(facts[key]) for key in ("optimizer", "precision", "context") if key in facts]
    known = "; ".join(f"{entry.version}: {_speed(entry)}" for entry in memory.entries.values())
    return f"{facts['work']} {what[:12]}, {', '.join(rest)}: {known}"


def _speed(entry: Entry) -> str:
    figure = entry.figure
    if figure is None:
        return entry.problem or "not measured"
    step = f"{_rounded(figure.step * 1e3)} ms a batch, " if figure.step else ""
    ready, image = figure.start + figure.ready, figure.image * 1e6
    return f"ready in {_rounded(ready)} s, {step}{_rounded(image)} us an image predicted"


def _rounded(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _features() -> list[str]:
    flags = processor("flags").split()
    return [feature for feature in _FEATURES if feature in flags]


def _mxnet_features(mx: MXNet) -> list[str]:
    features = mx.runtime.Features()
    return [
        n for n in ("CUDA", "CUDNN", "MKLDNN", "OPENMP", "DIST_KVSTORE") if features.is_enabled(n)
    ]


def _by(backend: str, context: str) -> str:
    try:
        choice = choose_devices(context, backend, predicting=True)
    except (BackendMissing, ContextError) as error:
        return str(error).partition(";")[0]
    facts = [f"{name} {fact}" for name, fact in choice.about.items()]
    does = "predicts only" if backend == "onnx" else f"precision {' '.join(choice.precisions)}"
    return ", ".join(["works", *facts, does])


def _gpu() -> str:
    try:
        choose_devices("gpu", "mxnet")
    except ContextError as error:
        return str(error).partition(";")[0]
    return "works"
