"""The data set that a run was trained on: which it is, and whether it is available here."""

from __future__ import annotations

from dataclasses import replace

from ..data.parts import MIX, part_problems, parts_of
from ..errors import PluginError
from ..plugins.entry import IN_PROCESS
from ..plugins.installed import absence
from ..plugins.registry import DATASETS
from ..runs.trained import TrainedNetwork, TrainedOn


def with_test_data(trained: TrainedNetwork) -> TrainedNetwork:
    """Return a record with the data set of its test images: of a mix, the first part.

    >>> from mxdigits.runs.trained import NetworkForm
    >>> network = NetworkForm((1, 28, 28), tuple("0123456789"))
    >>> trained = TrainedNetwork(TrainedOn("mix", {"parts": ["mnist", "idx"]}), network)
    >>> with_test_data(trained).data.name
    'mnist'
    """
    parts = trained.data.options.get("parts")
    if trained.data.name != MIX or any(part_problems(parts)):
        return trained
    first, prefix = parts_of(parts)[0], f"{parts_of(parts)[0].name}/"
    files = trained.data.sha256.items()
    data = TrainedOn(
        first.name,
        dict(first.options),
        {name[len(prefix) :]: sha for name, sha in files if name.startswith(prefix)},
    )
    plugins = dict(trained.plugins)
    if plugins.get("parts"):
        plugins["data"] = plugins["parts"][0]
    return with_test_data(replace(trained, data=data, plugins=plugins))


def check_plugin(trained: TrainedNetwork) -> None:
    """Say what to install if the plugin of a run's own data is missing.

    Raises:
        PluginError: naming the plugin.

    Example:
        >>> from mxdigits.runs.trained import NetworkForm
        >>> network = NetworkForm((1, 28, 28), tuple("0123456789"))
        >>> check_plugin(TrainedNetwork(TrainedOn("mnist"), network))
    """
    origin = trained.plugins.get("data")
    if origin is None or trained.data.name in DATASETS:
        return
    name, distribution, version = (origin[key] for key in ("name", "distribution", "version"))
    if distribution == IN_PROCESS:
        raise PluginError(
            f"the data set {name!r} was registered in the process that trained the run; "
            "name another by --data"
        )
    raise PluginError(
        f"the run's data set {name!r} is from {distribution} {version}, which "
        f"{absence(distribution, version)}"
    )
