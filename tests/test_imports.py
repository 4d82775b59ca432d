"""What imports what: MXNet only where it is needed, and one way only inside mxdigits."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

import mxdigits

PACKAGE = Path(mxdigits.__file__).parent

# From the ground up. A room may import from the layers below its own, and from no other: neither
# from above, nor from its neighbours. Whoever adds a room writes here where it belongs.
LAYERS = [
    {
        "augmentations",
        "augmentations.affine",
        "calibration",
        "changes",
        "components",
        "data.batches",
        "errors",
        "history",
        "installed",
        "metrics",
        "models",
        "models.options",
        "mxnet_names",
        "backends",
        "backends.mxnet",
        "backends.xla",
        "backends.xla.operators.types",
        "graph.attributes",
        "page",
        "pictures",
        "reading",
        "rules",
        "schedule",
        "serve",
        "serve.batcher",
        "serve.limits",
        "serve.page",
        "significance",
        "suggest",
        "training_state",
    },
    {
        "backends.xla.operators.arithmetic",
        "backends.xla.updates.base",
        "backends.xla.operators.creation",
        "backends.xla.operators.elementwise",
        "backends.xla.operators.layers",
        "backends.xla.operators.normalization",
        "backends.xla.operators.reduction",
        "backends.xla.operators.sampling",
        "backends.xla.operators.shape",
        "callbacks",
        "cli_options",
        "data.dataset",
        "data.idx",
        "data.npz",
        "files",
        "fit_facts",
        "ink",
        "lock",
        "models.lenet",
        "models.mlp",
        "npz",
        "graph.operator",
        "graph.params_file",
        "picture",
        "runtime",
        "serve.guard",
        "signals",
        "signatures",
        "strict_yaml",
        "terminal",
        "testing.results",
    },
    {
        "backends.xla.operators.pooling",
        "backends.xla.updates.adaptive",
        "backends.xla.updates.descent",
        "graph.operators",
    },
    {
        "backends.xla.updates",
        "graph.graph",
        "graph.limits",
    },
    {
        "graph",
        "graph.symbol_json",
    },
    {
        "backends.mxnet.symbols",
        "backends.xla.operators.loss",
    },
    {
        "backends.xla.operators",
        "checkpoint",
        "context",
        "data.idx_folder",
        "data.mnist",
        "data.sheet",
        "backends.mxnet.rewriting",
        "digitize",
        "monitors",
        "optimizer_state",
        "plots",
        "progress",
        "registry",
        "saved_network",
        "serve.store",
        "sgd",
        "step",
        "testing.digests",
        "testing.effects",
    },
    {
        "augmentations.build",
        "backends.xla.optimizers",
        "backends.xla.support",
        "data.folder",
        "data.load",
        "keeper",
        "network",
        "plugins",
        "predictions",
        "preprocessing",
        "recipe_problems",
        "scaffold",
        "share",
        "testing.loading",
        "testing.probe",
        "weights",
    },
    {
        "backends.xla.execute",
        "exporters",
        "inputs",
        "meter",
        "recipe",
        "serve.body",
        "testing.augmentations",
        "testing.callbacks",
        "testing.datasets",
        "testing.formats",
        "testing.model_case",
    },
    {
        "cli_registered",
        "record",
        "serve.openapi",
        "testing.model_building",
        "train_pass",
    },
    {
        "doctor",
        "run_folder",
        "serve.api",
        "trainer",
    },
    {
        "results",
        "run_removal",
        "runs",
        "setting",
        "testing.model_passes",
    },
    {
        "report",
        "resumption",
        "run_details",
        "testing.kinds",
    },
    {
        "cli_runs",
        "evaluation",
        "experiment",
        "testing",
        "verification",
    },
    {
        "cli_plugins",
        "compare",
        "predicting",
        "serve.server",
    },
    {
        "cli_use",
    },
    {
        "cli",
    },
    {
        "__main__",
    },
]


def rooms() -> dict[str, Path]:
    """Every module by its name inside the package; the empty packages of folders left out."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if "templates" in path.parts:  # of what the scaffold writes
            continue
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = path
    del found["data"], found["serve"]
    return found


ROOMS = rooms()
TREES = {name: ast.parse(path.read_bytes()) for name, path in ROOMS.items()}


def imports(room: str) -> Iterator[tuple[str, str]]:
    """What a room imports, at the top or inside a function: (our room, "") or ("", their module).

    ``from . import __version__`` is no import of a room: the package itself is there already.
    """
    inside = ROOMS[room].name == "__init__.py"
    for node in ast.walk(TREES[room]):
        if isinstance(node, ast.Import):
            yield from (("", alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield "", node.module
        elif isinstance(node, ast.ImportFrom):
            parents = room.split(".") if room else []
            parents = parents[: len(parents) - node.level + inside]
            base = [*parents, *(node.module or "").split(".")] if node.module else parents
            if ".".join(base) in ROOMS and base:
                yield ".".join(base), ""
            else:
                names = [".".join([*base, alias.name]) for alias in node.names]
                yield from ((name, "") for name in names if name in ROOMS)


OURS = {room: sorted({ours for ours, _ in imports(room) if ours}) for room in ROOMS}
THEIRS = {room: {theirs for _, theirs in imports(room) if theirs} for room in ROOMS}


def below(room: str) -> set[str]:
    """Every room that a room imports, itself or through others."""
    found: set[str] = set()
    waiting = [room]
    while waiting:
        for each in OURS[waiting.pop()]:
            if each not in found:
                found.add(each)
                waiting.append(each)
    return found


def test_every_room_has_one_place():
    placed = [room for layer in LAYERS for room in layer]
    assert len(placed) == len(set(placed))
    assert set(ROOMS) - {""} <= set(placed), "write into LAYERS where the new room belongs"


@pytest.mark.parametrize("room", [room for room in ROOMS if room])
def test_imports_point_down(room):
    level = next(i for i, layer in enumerate(LAYERS) if room in layer)
    allowed = set().union(*LAYERS[:level])
    assert set(OURS[room]) <= allowed, f"{room} imports from its own layer or from above"


def test_there_are_no_cycles():
    for room in ROOMS:
        assert room not in below(room)


def test_the_package_itself_imports_none_of_its_rooms():
    assert OURS[""] == []


def test_the_imports_are_found():
    """The test above would pass on an empty list."""
    assert OURS["__main__"] == ["cli"]
    assert "experiment" in OURS["cli"]
    assert OURS["evaluation"].count("trainer") == 1
    assert OURS["data.idx_folder"] == ["data.dataset", "data.idx", "errors"]
    assert "yaml" in THEIRS["strict_yaml"]


def test_mxnet_is_imported_by_name_in_the_fewest_rooms():
    """All others get it from runtime.import_mxnet, which sets the process up first."""
    found = {room for room in ROOMS if any(m.split(".")[0] == "mxnet" for m in THEIRS[room])}
    assert found == {"runtime", "augmentations.affine", "models.lenet", "models.mlp"}


@pytest.mark.parametrize(
    ("package", "rooms"),
    [
        ("yaml", {"strict_yaml", "recipe"}),
        ("pydantic", {"recipe", "recipe_problems", "record", "run_folder", "serve.body"}),
        ("rich", {"progress", "terminal"}),
        ("typer", {"cli", "cli_options", "cli_plugins", "cli_registered", "cli_runs", "cli_use"}),
        ("packaging", {"installed"}),
        ("jinja2", {"page"}),
        ("matplotlib", {"plots"}),
        (
            "PIL",
            {"data.sheet", "digitize", "ink", "picture", "pictures", "predicting", "preprocessing"}
            | {"serve.store"},
        ),
        ("anyio", {"serve.api", "serve.guard"}),
        ("starlette", {"serve.api", "serve.guard"}),
        ("uvicorn", {"serve.server"}),
        ("gluoncv", set()),
    ],
)
def test_what_comes_from_others_is_kept_in_few_rooms(package, rooms):
    assert {r for r in ROOMS if any(m.split(".")[0] == package for m in THEIRS[r])} <= rooms


def test_the_trainer_serves_without_recipes_registry_files_and_display():
    reached = {"trainer", *below("trainer")}
    assert not reached & {
        *("cli", "experiment", "evaluation", "recipe", "recipe_problems", "strict_yaml"),
        *("registry", "files", "run_folder", "progress", "terminal", "predictions", "context"),
    }
    theirs = {module.split(".")[0] for room in reached for module in THEIRS[room]}
    assert not theirs & {"yaml", "pydantic", "rich", "typer"}


def test_a_graph_is_read_and_written_without_mxnet():
    rooms = {room for room in ROOMS if room.split(".")[0] == "graph"}
    assert "graph.symbol_json" in rooms
    for room in rooms:
        assert {each.split(".")[0] for each in below(room)} <= {"graph", "errors"}


def test_the_backend_xla_alone_imports_jax_and_needs_no_mxnet():
    rooms = {room for room in ROOMS if room.startswith("backends.xla")}
    found = {r for r in ROOMS if any(m.split(".")[0] in ("jax", "optax") for m in THEIRS[r])}
    assert "backends.xla.execute" in found
    assert found <= rooms
    for room in rooms:
        assert "runtime" not in below(room)


def test_a_recipe_is_checked_without_mxnet_at_the_top_of_any_room():
    reached = {"recipe", *below("recipe")}
    assert not reached & {"network", "trainer", "models", "models.lenet", "models.mlp"}


# Processes: what is really loaded

LIGHT = """
    import contextlib, io, json, sys

    def loaded(*heavy):
        return sorted(module for module in heavy if module in sys.modules)

    import mxdigits
    dir(mxdigits)
    seen = {"import mxdigits": [0, loaded("mxnet", "gluoncv", "numpy", "pydantic", "typer")]}
    for name in ("Recipe", "History", "Scores", "Dataset", "Callback", "MxdigitsError",
                 "register_model", "register_dataset", "import_mxnet"):
        getattr(mxdigits, name)
    from mxdigits.cli import main
    for line in ("--help", "--version", "models", "datasets", "recipes", "check lenet",
                 "check lenet epochs=3", "check --schema", "run --help", "models show --help"):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            code = main(line.split())
        seen[line] = [code, loaded("mxnet", "gluoncv")]
        assert out.getvalue(), line
    print(json.dumps(seen))
"""


def test_light_commands_do_not_import_mxnet():
    done = subprocess.run(
        [sys.executable, "-c", dedent(LIGHT)], capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    seen = json.loads(done.stdout)
    assert len(seen) == 11
    assert {line: result for line, result in seen.items() if result != [0, []]} == {}


def test_the_public_names():
    assert set(mxdigits.__all__) <= set(dir(mxdigits))
    for name in ("Recipe", "History", "register_model"):
        assert getattr(mxdigits, name).__module__.startswith("mxdigits.")
    with pytest.raises(AttributeError) as caught:
        mxdigits.recipes  # noqa: B018
    assert str(caught.value) == "module 'mxdigits' has no attribute 'recipes'"


def test_the_homes_of_the_public_names_are_true():
    """By the source, so that the rooms that need MXNet count too."""
    for name, home in mxdigits._HOMES.items():
        assert home in ROOMS
        bound = {getattr(node, "name", None) for node in TREES[home].body}
        bound |= {
            target.id
            for node in TREES[home].body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        assert name in bound, f"{home} has no {name}"
