"""What imports what: MXNet only where it is needed, and one way only inside mxdigits."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from textwrap import dedent

import pytest

import mxdigits

PACKAGE = Path(mxdigits.__file__).parent

# From the ground up: a package, or a module beside the packages, may import from those before it.
ORDER = [
    "errors",
    "foreign",
    "installing",
    "printing",
    "wording",
    "signals",
    "arrays",
    "values",
    "arguments",
    "environment",
    "garbage",
    "heartbeat",
    "storage",
    "graph",
    "digitize",
    "page",
    "networks",
    "workers",
    "backends",
    "plugins",
    "data",
    "models",
    "augmentations",
    "train",
    "recipe",
    "runs",
    "predict",
    "report",
    "export",
    "experiment",
    "launch",
    "sweep",
    "sklearn",
    "serve",
    "testing",
    "cli",
    "__main__",
]

# The same of what lies within a package. What is not named here may import from all.
WITHIN = {
    "digitize": ["pixels", "digit", "opening", "paper", "ink", "lines", "digits"],
    "experiment": ["records", "preparation", "display", "previews"],
    "backends.mxnet": [
        *("names", "types", "random", "slots", "installation", "runtime"),
        *("networks", "team", "weights", "passes"),
    ],
    "cli": [
        *("tables", "terminal", "completion", "recipe_completion", "options", "data_options"),
        *("networks", "layers", "commands"),
    ],
}

# The names under which plugins import what lies elsewhere.
PUBLIC = {"registry"}


def modules() -> dict[str, Path]:
    """Every module by its name inside the package; that of the package itself is empty."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if "templates" in path.parts:  # of what the scaffold writes
            continue
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_bytes())


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Every statement below a node, without looking through expressions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.stmt, ast.excepthandler)):
            yield child
            yield from statements(child)


def imports(module: str) -> Iterator[tuple[str, str]]:
    """What a module imports, at the top or inside a function: (ours, "") or ("", theirs).

    ``from . import __version__`` is no import of a module: the package itself is there already.
    """
    inside = MODULES[module].name == "__init__.py"
    for node in statements(tree(module)):
        if isinstance(node, ast.Import):
            yield from (("", alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield "", node.module or ""
        elif isinstance(node, ast.ImportFrom):
            parents = module.split(".") if module else []
            parents = parents[: len(parents) - node.level + inside]
            base = [*parents, *(node.module or "").split(".")] if node.module else parents
            names = [".".join([*base, alias.name]) for alias in node.names]
            taken = [name for name in names if name in MODULES]
            yield from ((name, "") for name in taken)
            if len(taken) < len(names) and base:
                yield ".".join(base), ""


@cache
def ours(module: str) -> list[str]:
    return sorted({name for name, _ in imports(module) if name})


@cache
def theirs(module: str) -> set[str]:
    return {name for _, name in imports(module) if name}


def package_of(module: str) -> str:
    return module.partition(".")[0]


def room_in(package: str, module: str) -> str:
    """The part of a package in which a module lies; nothing if it lies elsewhere."""
    there = module.startswith(f"{package}.")
    return module.removeprefix(f"{package}.").partition(".")[0] if there else ""


def below(module: str) -> set[str]:
    """Every module that a module imports, itself or through others."""
    found: set[str] = set()
    waiting = [module]
    while waiting:
        for each in ours(waiting.pop()):
            if each not in found:
                found.add(each)
                waiting.append(each)
    return found


def users_of(library: str) -> set[str]:
    """The packages that import a library."""
    return {
        package_of(module)
        for module in MODULES
        if any(each.split(".")[0] == library for each in theirs(module))
    }


def test_every_package_has_its_place():
    there = {package_of(module) for module in MODULES} - {""}
    assert there == {*ORDER, *PUBLIC}, "write into ORDER where a new package belongs"


def test_imports_point_down():
    above = []
    for module in MODULES:
        package = package_of(module)
        if module and package not in PUBLIC:
            allowed = {package, *ORDER[: ORDER.index(package)]}
            above += [(module, each) for each in ours(module) if package_of(each) not in allowed]
    assert above == []


@pytest.mark.parametrize("package", WITHIN)
def test_imports_within_a_package_point_down(package):
    order = WITHIN[package]
    rooms = {module: room_in(package, module) for module in MODULES}
    assert {*order} <= {*rooms.values()}
    for module, room in rooms.items():
        if room in order:
            used = {rooms[each] for each in ours(module)} - {""}
            assert used <= {*order[: order.index(room) + 1]}, f"{module} imports from above"


def test_there_are_no_cycles():
    for module in MODULES:
        # A package's own file may say what its modules offer.
        inside = {m for m in below(module) if MODULES[m].name != "__init__.py"}
        assert module not in inside


def test_the_package_itself_imports_its_modules_for_type_checkers_alone():
    checked = next(node for node in tree("").body if isinstance(node, ast.If))
    assert ast.unparse(checked.test) == "TYPE_CHECKING"
    seen = {f"{n.module}:{a.name}" for n in checked.body for a in n.names}
    assert seen == {f"{home}:{name}" for name, home in mxdigits._HOMES.items()}
    assert sorted(mxdigits.__all__) == sorted(["__version__", *mxdigits._HOMES])
    others = [node for node in tree("").body if isinstance(node, ast.ImportFrom) and node.level]
    assert others == []


def test_the_imports_are_found():
    """The tests above would pass on an empty list."""
    assert ours("__main__") == ["cli.app", "garbage", "heartbeat", "printing", "signals"]
    assert "experiment.run" in ours("cli.commands.run")
    assert "data.dataset" in ours("data.idx_folder")
    assert "yaml" in theirs("storage.strict_yaml")


def test_every_package_says_what_it_is_for():
    for module, path in MODULES.items():
        if path.name == "__init__.py":
            assert len((ast.get_docstring(tree(module)) or "").splitlines()) >= 1, module


def test_mxnet_is_imported_in_its_backend_and_where_gluon_blocks_come_along():
    """All others get it from the backend's ``import_mxnet``, which sets the process up first."""
    found = {
        module for module in MODULES if any(m.split(".")[0] == "mxnet" for m in theirs(module))
    }
    assert found == {
        "backends.mxnet.runtime",
        "models.lenet",
        "models.mlp",
    }


def test_pytorch_is_imported_in_its_backend_and_in_what_is_written_for_it():
    found = {
        module for module in MODULES if any(m.split(".")[0] == "torch" for m in theirs(module))
    }
    ours = {module for module in found if module.startswith("backends.torch.")}
    assert ours < found
    assert all(module.startswith("export.torch.") for module in found - ours)
    verbs = [module for module in MODULES if package_of(module) == "cli"]  # found by their names
    reached = {"train.trainer", *below("train.trainer")}.union(*map(below, verbs))
    assert not reached & ours


@pytest.mark.parametrize(
    ("library", "packages"),
    [
        ("yaml", {"storage", "recipe"}),
        ("pydantic", {"storage", "recipe", "runs", "experiment", "serve"}),
        ("rich", {"experiment", "cli"}),
        ("typer", {"cli"}),
        ("packaging", {"installing", "plugins", "backends", "export"}),
        ("jinja2", {"report"}),
        ("torch", {"backends", "export"}),  # export: in what is written for PyTorch alone
        ("matplotlib", {"report"}),
        ("PIL", {"digitize", "data", "predict", "report", "serve"}),
        ("anyio", {"serve"}),
        ("starlette", {"serve"}),
        ("uvicorn", {"serve"}),
        ("jax", {"backends"}),
        ("onnx", {"backends"}),  # for type checkers; it is imported by its name as a text
        ("onnxruntime", {"backends"}),
        ("optuna", {"sweep"}),
        ("sqlalchemy", {"sweep"}),
        ("gluoncv", set()),
    ],
)
def test_what_comes_from_others_is_kept_in_few_packages(library, packages):
    assert users_of(library) <= packages


def test_everything_is_printed_through_one_door():
    """Else the control characters of a file's name reach the terminal."""
    found = {
        module
        for module in MODULES
        for node in ast.walk(tree(module))
        if (isinstance(node, ast.Name) and node.id == "print")
        or (isinstance(node, ast.Attribute) and node.attr in ("stdout", "stderr"))
    }
    # A display writes to its own console; others capture or hold what a library prints.
    assert found <= {
        "printing",
        "experiment.display.live",
        "experiment.display.plain",
        "cli.commands.plugins",
        "plugins.import_states",
        "testing.case",
        "testing.probe",
        "backends.race.trial",
        "digitize.opening.confined",
        "digitize.opening.confined_process",
        "serve.server",
        "launch.member",
        "launch.process",
    }


def test_the_trainer_serves_without_recipes_registry_files_and_display():
    reached = {"train.trainer", *below("train.trainer")}
    packages = {package_of(module) for module in reached}
    assert not packages & {"cli", "experiment", "recipe", "runs", "predict", "plugins"}
    used = {module.split(".")[0] for each in reached for module in theirs(each)}
    assert not used & {"yaml", "pydantic", "rich", "typer"}
    # Which backend executes the network is looked up by its name.
    backends = {module for module in reached if package_of(module) == "backends"}
    assert backends == {
        "backends.base",
        "backends.batches",
        "backends.choose",
        "backends.context",
        "backends.network",
        "backends.mxnet.names",  # of optimizers and their options
        "backends.mxnet.types",  # names alone
        "backends.nvidia",
        "backends.settings",
        "backends.team.agreement",
    }


def test_a_recipe_is_checked_without_mxnet_at_the_top_of_any_module():
    reached = {"recipe.schema", *below("recipe.schema")}
    assert not {package_of(module) for module in reached} & {"models", "experiment"}
    assert "train.trainer" not in reached


# Processes: what is really loaded

LIGHT = """
    import contextlib, io, json, sys

    def loaded(*heavy):
        return sorted(module for module in heavy if module in sys.modules)

    import mxdigits
    dir(mxdigits)
    seen = {"import mxdigits": [0, loaded("mxnet", "gluoncv", "numpy", "pydantic", "typer")]}
    for name in ("Recipe", "History", "Scores", "Dataset", "Callback", "MxdigitsError",
                 "register_model", "register_dataset", "import_mxnet", "Trainer"):
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
        [sys.executable, "-c", dedent(LIGHT)], capture_output=True, text=True, timeout=300
    )
    assert done.stderr == ""
    seen = json.loads(done.stdout)
    assert len(seen) == 11
    assert {line: result for line, result in seen.items() if result != [0, []]} == {}


PREDICTING = """
    import json, sys
    import mxdigits.cli.app, mxdigits.cli.commands.predict, mxdigits.cli.networks
    import mxdigits.predict.predict, mxdigits.predict.formats
    import mxdigits.backends.onnx.backend, mxdigits.backends.onnx.devices
    import mxdigits.data.idx_folder
    print(json.dumps(sorted(sys.modules)))
"""


def test_who_predicts_with_a_file_of_onnx_imports_little_besides():
    """The command ``mxdigits predict FILE.onnx``: as a process it is as quick as onnxruntime."""
    done = subprocess.run(
        [sys.executable, "-c", dedent(PREDICTING)], capture_output=True, text=True, timeout=300
    )
    assert done.stderr == ""
    loaded = set(json.loads(done.stdout))
    # Rich is Typer's business: old versions import it.
    assert not loaded & {"pydantic", "yaml", "packaging", "PIL", "importlib.metadata", "mxnet"}
    ours = {each.removeprefix("mxdigits.") for each in loaded if each.startswith("mxdigits.")}
    packages = {package_of(module) for module in ours}
    assert not packages & {"graph", "recipe", "report", "export", "experiment", "models", "launch"}
    named = {module for module in ours if package_of(module) in ("runs", "train", "cli")}
    assert named == {
        *("runs", "runs.trained", "runs.group_files"),
        *("train", "train.evaluator", "train.frames", "train.metrics"),
        *("cli", "cli.app", "cli.completion", "cli.conversion", "cli.early_exit", "cli.networks"),
        "cli.recipe_completion",
        *("cli.data_options", "cli.options", "cli.usage", "cli.verbs"),
        *("cli.commands", "cli.commands.predict"),
    }


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
        assert home in MODULES
        bound = {getattr(node, "name", None) for node in tree(home).body}
        bound |= {
            target.id
            for node in tree(home).body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        assert name in bound, f"{home} has no {name}"


def test_no_two_files_of_tests_have_one_name():
    """Pytest imports each by its name alone, so that one of them would not be run."""
    names = Counter(file.name for file in Path(__file__).parent.rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []
