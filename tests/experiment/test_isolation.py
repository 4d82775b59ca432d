"""Bad plugins, really installed beside a good one: what does not name them does not notice them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mxdigits import __version__

MARK = "from pathlib import Path\nPath(__file__).with_suffix('.imported').touch()\n"

# By distribution: version, requirements, group, names, and the source of its module.
PLUGINS = {
    "bad-broken": ("0.1", "mxdigits", "models", ["broken"], "raise RuntimeError('not today')\n"),
    "bad-slow": (
        *("0.2", "mxdigits", "models", ["slow"]),
        "import time\ntime.sleep(5)\ndef slow(*, classes=10): ...\n",
    ),
    "bad-twin": ("0.3", "mxdigits", "models", ["twin"], "def twin(*, classes=10): ...\n"),
    "good-twin": ("0.4", "mxdigits", "models", ["twin"], "def twin(*, classes=10): ...\n"),
    "bad-future": (
        *("9.0", "mxdigits>=9\nRequires-Dist: absent-thing<2", "models", ["future"]),
        "def future(*, classes=10): ...\n",
    ),
    "bad-typing": ("0.5", "mxdigits", "model", ["typing"], "def typing(*, classes=10): ...\n"),
    "bad-doc": (
        *("0.6", "mxdigits", "models", ["doc"]),
        "class Doc:\n"
        "    __doc__ = property(lambda self: 1 / 0)\n"
        "    def __call__(self, *, classes=10): ...\n"
        "doc = Doc()\n",
    ),
    "good-data": (
        *("1.5", f"mxdigits=={__version__}", "datasets", ["good"]),
        "from pathlib import Path\n"
        "def good(*, path):\n"
        "    from mxdigits import load_dataset\n"
        "    return load_dataset('idx', {'path': path})\n",
    ),
}

FUTURE = (
    f"needs mxdigits>=9, and {__version__} is installed; absent-thing<2, which is not installed"
)
TWINS = "model twin is conflict: several distributions offer this name"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """A directory of distributions as pip leaves them; each module leaves a mark when imported."""
    site = tmp_path_factory.mktemp("site")
    for name, (version, needs, group, names, source) in PLUGINS.items():
        module = name.replace("-", "_")
        (site / f"{module}.py").write_text(MARK + source)
        info = site / f"{module}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Dist: {needs}\n"
        )
        points = "".join(f"{each} = {module}:{each}\n" for each in names)
        (info / "entry_points.txt").write_text(f"[mxdigits.{group}]\n{points}")
    return site


@pytest.fixture
def call(site, mxdigits_process):
    """Run the command line with all of them installed: (exit code, output, error, imported)."""
    for mark in site.glob("*.imported"):
        mark.unlink()

    def call(*arguments, **environment):
        path = os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")])
        done = mxdigits_process(*arguments, PYTHONPATH=path, **environment)
        imported = sorted(mark.stem for mark in site.glob("*.imported"))
        return done.returncode, done.stdout, done.stderr, imported

    return call


@pytest.mark.mxnet
@pytest.mark.parametrize(
    "line",
    [
        "--help",
        "models",
        "datasets",
        "recipes",
        "plugins",
        "check lenet",
        "check lenet --schema",
        "models show mlp",
        "datasets show mnist",
        "doctor",
        "plugins new my-plugin",
    ],
)
def test_commands_that_do_not_name_them_import_none(call, line):
    code, out, err, imported = call(*line.split())
    assert (code, err, imported) == (0, "", [])
    assert out


def listed(out: str) -> dict[str, list[str]]:
    """The cells of a table by its first; they are two spaces apart."""
    rows = [
        [cell.strip() for cell in line.split("  ") if cell.strip()] for line in out.splitlines()
    ]
    return {row[0]: row[1:] for row in rows[1:]}


def test_every_distribution_is_listed_with_its_state(call):
    code, out, err, imported = call("plugins")
    assert (code, err, imported) == (0, "", [])
    rows = listed(out)
    assert {name: rows[name] for name in PLUGINS} == {
        "bad-broken": [
            "0.1",
            "model broken is broken: module 'bad_broken' has no 'broken'",
            "model broken",
        ],
        "bad-slow": ["0.2", "ok", "model slow"],
        "bad-twin": ["0.3", TWINS, "model twin"],
        "good-twin": ["0.4", TWINS, "model twin"],
        "bad-future": ["9.0", f"incompatible: {FUTURE}", "model future"],
        "bad-doc": ["0.6", "ok", "model doc"],
        "bad-typing": [
            "0.5",
            "mxdigits has no group 'mxdigits.model'; did you mean 'mxdigits.models'?",
        ],
        "good-data": ["1.5", "ok", "data set good"],
    }
    assert rows["mxdigits"][0] == __version__
    assert rows["mxdigits"][1] == "ok"


def test_what_names_them_says_what_is_wrong(call):
    def error(model: str) -> str:
        code, _, err, _ = call("models", "show", model)
        assert code == 3
        return err

    assert error("broken") == (
        "error: model 'broken' (bad_broken:broken from bad-broken 0.1) cannot be loaded: "
        "RuntimeError: not today\n"
    )
    assert error("future") == (
        f"error: model 'future' (bad_future:future from bad-future 9.0) {FUTURE}\n"
    )
    assert error("doc").splitlines()[-1] == (
        "error: model 'doc' (bad_doc:doc from bad-doc 0.6) hides its docstring: "
        "ZeroDivisionError: division by zero"
    )
    both = [
        f"model 'twin' is offered by {one} and {two}: uninstall all but one"
        for one, two in (
            ("bad-twin 0.3 (bad_twin:twin)", "good-twin 0.4 (good_twin:twin)"),
            ("good-twin 0.4 (good_twin:twin)", "bad-twin 0.3 (bad_twin:twin)"),
        )
    ]
    assert error("twin") in [f"error: {text}\n" for text in both]


@pytest.mark.parametrize(
    ("limit", "names"),
    [
        ("", []),
        ("Good_Twin, good-data", ["good", "twin"]),
        (",,bad-slow,", ["slow"]),
    ],
)
def test_a_limit_leaves_out_all_others(call, limit, names):
    found = {
        name
        for listing in ("models", "datasets")
        for name in listed(call(listing, MXDIGITS_PLUGINS=limit)[1])
    }
    assert found & {"broken", "slow", "twin", "future", "good"} == set(names)
    assert {"lenet", "mlp", "mnist", "idx"} <= found


def test_a_limit_is_seen_in_the_listing_and_in_errors(call):
    rows = listed(call("plugins", MXDIGITS_PLUGINS="good-twin,absent")[1])
    assert rows["bad-slow"] == ["0.2", "left out by MXDIGITS_PLUGINS", "model slow"]
    assert rows["good-twin"] == ["0.4", "ok", "model twin"]
    assert rows["absent"] == ["-", "named in MXDIGITS_PLUGINS, and not installed"]
    code, _, err, imported = call("check", "mlp", "model=slow", MXDIGITS_PLUGINS="")
    assert (code, imported) == (2, [])
    assert err == (
        "error: override model=slow: model: unknown model 'slow'; "
        "MXDIGITS_PLUGINS leaves out bad-slow 0.2, which offers it\n"
    )
    code, _, err, _ = call("plugins", "check", "bad-slow", MXDIGITS_PLUGINS="")
    assert (code, err) == (2, "error: MXDIGITS_PLUGINS leaves out bad-slow 0.2\n")


def test_a_plugin_of_a_misspelt_group_is_told_so_when_it_is_checked(call):
    code, out, err, imported = call("plugins", "check", "bad-typing")
    assert (code, out, imported) == (3, "", [])
    assert err == (
        "error: bad-typing is installed, and registers nothing: mxdigits has no group "
        "'mxdigits.model'; did you mean 'mxdigits.models'?\n"
    )
    code, _, err, imported = call("check", "lenet", "model=typing")
    assert (code, imported) == (2, [])
    assert err == (
        "error: override model=typing: model: unknown model 'typing'; bad-typing 0.5 offers it in "
        "the group 'mxdigits.model', which mxdigits does not read; write 'mxdigits.models'\n"
    )


@pytest.mark.mxnet
def test_a_run_imports_what_it_names_and_without_it_says_what_to_install(
    call, mxdigits_process, tmp_path, idx_folder
):
    path = f"data.path={idx_folder}"
    code, _, _, imported = call("run", "mlp", "data.name=good", path, "epochs=1")
    assert (code, imported) == (0, ["good_data"])
    (folder,) = (tmp_path / "runs" / "mlp").iterdir()
    assert json.loads((folder / "run.json").read_text())["plugins"]["data"] == {
        "name": "good",
        "distribution": "good-data",
        "version": "1.5",
    }
    assert call("score", folder)[::3] == (0, ["good_data"])
    for arguments in (["score", folder], ["predict", folder, "-o", "mine.csv"]):
        done = mxdigits_process(*arguments)
        assert (done.returncode, done.stderr) == (
            3,
            "error: the run's data set 'good' is from good-data 1.5, which is not installed: "
            "pip install good-data==1.5\n",
        )
    assert mxdigits_process("score", folder, "--data", idx_folder).returncode == 0
    code, _, err, _ = call("score", folder, MXDIGITS_PLUGINS="bad-slow")
    assert (code, err) == (
        3,
        "error: the run's data set 'good' is from good-data 1.5, which is left out by "
        "MXDIGITS_PLUGINS\n",
    )
