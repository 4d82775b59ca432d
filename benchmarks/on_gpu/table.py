"""The measurements on the GPU, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Report = dict[str, Any]


def markdown(report: Report) -> str:
    """The tables of a report."""
    results = report["results"]
    networks = list(dict.fromkeys(each["network"] for each in results))
    sizes = report["settings"]
    return "\n".join(
        [
            f"## {report['device']}\n",
            f"{sizes['images']:,} images, batch 100, {sizes['epochs']} epochs; "
            f"{report['seconds']:.0f} s in all; {_versions(results)}\n",
            "Images a second within an epoch, in float32:\n",
            *_speeds(results, networks),
            "\nmxdigits, the whole process with its predictions:\n",
            *_processes(results),
            "\nmxdigits with other settings (three epochs, the best):\n",
            *_settings(results),
            "\nWith TF32:\n",
            *_tf32(results),
            "",
            *(
                f"- {'yes' if held else '**no**'}: {what}"
                for what, held in report["checks"].items()
            ),
            *(f"- left out: {what}" for what in report["skipped"]),
            "",
        ]
    )


def _speeds(results: Sequence[Report], networks: Iterable[str]) -> list[str]:
    rows = []
    for network in networks:
        ours = _found(results, "mxdigits_xla", "run", network)
        if not ours:
            continue
        others = [
            *_found(results, "mxdigits_torch", "run", network),
            *_found(results, "jax_scan", "float32", network),
            *_found(results, "torch_cuda", "float32", network),
        ]
        speed = ours[0]["images_a_second"]
        rows.append([network, "mxdigits", f"{speed:,.0f}", ""])
        for each in others:
            rows.append([network, _who(each), *_compared(each, speed)])
    return _table(["network", "who", "images/s", "mxdigits against it"], rows)


def _tf32(results: Sequence[Report]) -> list[str]:
    rows = [
        [each["network"], _who(each), *_compared(each, 0)[:1]]
        for each in results
        if each["part"] == "tf32"
    ]
    return _table(["network", "who", "images/s"], rows)


def _processes(results: Sequence[Report]) -> list[str]:
    rows = [
        [
            each["network"],
            each["name"],
            f"{each['process']:.1f}",
            f"{each['accuracy']:.4f}",
        ]
        for each in results
        if each["part"] == "run"
    ]
    return _table(["network", "backend", "s", "accuracy"], rows)


def _settings(results: Sequence[Report]) -> list[str]:
    rows = [
        [
            each["network"],
            each["name"],
            f"{each['images_a_second']:,.0f}",
            f"{each['accuracy']:.4f}",
            f"{each['compile_seconds']:.1f}",
        ]
        for each in results
        if each["part"] == "settings"
    ]
    return _table(["network", "setting", "images/s", "accuracy", "to compile, s"], rows)


def _found(results: Sequence[Report], contender: str, part: str, network: str) -> list[Report]:
    wanted = (contender, part, network)
    return [r for r in results if (r["contender"], r["part"], r["network"]) == wanted]


def _who(result: Report) -> str:
    names = {"jax_scan": "JAX", "torch_cuda": "PyTorch", "mxdigits_torch": "mxdigits"}
    return f"{names[result['contender']]}, {result['name']}"


def _compared(result: Report, speed: float) -> list[str]:
    if "failed" in result:
        return [f"failed: {result['failed']}", ""]
    return [f"{result['images_a_second']:,.0f}", f"{speed / result['images_a_second']:.2f}"]


def _versions(results: Sequence[Report]) -> str:
    found = next((each["versions"] for each in results if "versions" in each), {})
    return ", ".join(f"{name} {version}" for name, version in found.items())


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [heads, ["---"] * len(heads), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]
