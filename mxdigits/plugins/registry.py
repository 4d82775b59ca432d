"""Maps names to factories: mxdigits' own, and those of installed distributions by entry points.

Listing names imports nothing, and getting a factory imports only that one. So a slow or broken
plugin disturbs only those who ask for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import reduce
from importlib import import_module
from typing import Any, Callable, Optional, TypeVar

from .. import __version__
from ..arguments import as_name, as_options, quoted
from ..backends.mxnet.runtime import (
    failed_in_mxnet,
    import_mxnet,
    mxnet_importable,
    set_environment,
)
from ..errors import MXNetMissing, PluginError, UsageError
from ..foreign import describe, naming, text_of, type_name
from .entry import IN_PROCESS, Entry
from .own import OURS, OWN
from .signatures import Options, SourceMissing, options_of
from .suggest import nearest

# The names that the plugins in a clone of mxdigits offer, by group.
_OFFERED = {
    "mxdigits.models": ("gluoncv",),
    "mxdigits.callbacks": ("mlflow", "tensorboard", "wandb"),
}

Factory = TypeVar("Factory", bound=Callable[..., object])


class Registry:
    """The factories of one kind, such as models or data sets.

    Args:
        group: the entry-point group to read.
        noun: what messages call one of them.

    Example:
        >>> models = Registry("my_project.models", "model")
        >>> @models.register("tiny")
        ... def tiny(*, classes=10, units=4):
        ...     return f"{units} units, {classes} classes"
        >>> models.names(), models.make("tiny", {"units": 8}, classes=10)
        (['tiny'], '8 units, 10 classes')
    """

    def __init__(self, group: str, noun: str):
        self.group = group
        self.noun = noun
        self._own = {
            name: Entry(name, target, OURS, __version__)
            for name, target in OWN.get(group, {}).items()
        }
        self._registered: dict[str, Entry] = {}
        self._offered: Optional[dict[str, list[Entry]]] = None
        self._left_out: dict[str, Entry] = {}
        self._unmet: dict[str, str] = {}

    def register(self, name: str) -> Callable[[Factory], Factory]:
        """Decorate a factory to register it in this process, for notebooks and tests.

        Raises:
            UsageError: if the name is taken, or is not text.

        Example:
            >>> from mxdigits import register_callback, Callback
            >>> @register_callback("example_printer")
            ... class Printer(Callback):
            ...     def on_epoch_end(self, record):
            ...         print(record.train_loss)
            >>> "example_printer" in CALLBACKS.names()
            True
        """
        as_name(f"the {self.noun}'s name", name, "; write its name in brackets")

        def keep(factory: Factory) -> Factory:
            if not callable(factory):
                raise UsageError(
                    f"{self.noun} {name!r}: must be what makes one, such as a class, "
                    f"got {quoted(factory)}"
                )
            if name in self:
                owner = self.entries(name)[0]
                raise UsageError(f"{self.noun} {name!r} is registered already: {owner}")
            module = getattr(factory, "__module__", type(factory).__module__)
            target = f"{module}:{getattr(factory, '__qualname__', factory)}"
            self._registered[name] = Entry(name, target, IN_PROCESS, "-", factory)
            return factory

        return keep

    def __contains__(self, name: object) -> bool:
        """Whether anybody offers a name; names of mxdigits itself need no search."""
        return isinstance(name, str) and (name in self._own or name in self.names())

    def names(self) -> list[str]:
        """All names, sorted; imports nothing."""
        return sorted({*self._entry_points(), *self._registered})

    def entries(self, name: Optional[str] = None) -> list[Entry]:
        """The entries of all names, or of one name; imports nothing.

        A name with several entries is a conflict, which :meth:`get` refuses.
        """
        entries = []
        for each in self.names() if name is None else [name]:
            if each in self._registered:
                entries.append(self._registered[each])
            entries += self._entry_points().get(each, [])
        return entries

    def entry(self, name: str) -> Entry:
        """The only entry of a name; names of mxdigits itself cannot conflict.

        Raises:
            UsageError: if nobody offers the name, or it is not text.
            PluginError: if several distributions do.
        """
        as_name(f"the {self.noun}'s name", name)
        if name in self._own:
            return self._own[name]
        entries = self.entries(name)
        if not entries:
            raise UsageError(self.unknown(name))
        if len(entries) > 1:
            owners = " and ".join(f"{e.distribution} {e.version} ({e.target})" for e in entries)
            raise PluginError(f"{self.noun} {name!r} is offered by {owners}: uninstall all but one")
        return entries[0]

    def owner(self, name: str, options: Mapping[str, object]) -> str:
        """A name, who offers it and the options that a user gave: how a plugin's failure begins.

        Whether the plugin or an option is at fault, nobody but a person can tell.
        """
        given = ", ".join(f"{key}={quoted(value)}" for key, value in options.items())
        return f"{self.noun} {name!r} ({self.entry(name)})" + (given and f" with {given}")

    def lies_in_clone(self, name: str) -> bool:
        """Whether one of the plugins in a clone of mxdigits offers a name."""
        return name in _OFFERED.get(self.group, ())

    def unknown(self, name: str) -> str:
        """The error message for a name that nobody offers."""
        from .installed import LIMIT

        if name in self._left_out:
            entry = self._left_out[name]
            return (
                f"unknown {self.noun} {name!r}; "
                f"{LIMIT} leaves out {entry.distribution} {entry.version}, which offers it"
            )
        if self.lies_in_clone(name):
            return (
                f"unknown {self.noun} {name!r}; mxdigits-{name} offers it: "
                f"pip install plugins/mxdigits-{name} in a clone of mxdigits"
            )
        if misplaced := self._misplaced(name):
            return f"unknown {self.noun} {name!r}; {misplaced}"
        return f"unknown {self.noun} {name!r}; {nearest(name, self.names())}"

    def _misplaced(self, name: str) -> str:
        """Who offers a name in a group that nobody reads, and what to write; empty if nobody."""
        from .installed import installed

        read = {registry.group for registry in (self, *REGISTRIES)}
        for each in installed():
            for group, offered in each.offers.items():
                if each.counts and group not in read and name in dict(offered):
                    return (
                        f"{each.name} {each.version} offers it in the group {group!r}, "
                        f"which mxdigits does not read; write {self.group!r}"
                    )
        return ""

    def get(self, name: str) -> Callable[..., object]:
        """Import and return the factory of one name.

        Raises:
            UsageError: if nobody offers the name.
            PluginError: if several distributions offer it, if a requirement of the distribution is
                not met, or if the import fails; the cause is chained.
            MXNetMissing: if it imports MXNet, which is not installed, or MXNet does not accept the
                value of an environment variable.
        """
        entry = self.entry(name)
        if entry.factory is not None:
            return entry.factory
        if entry.fault:
            raise PluginError(f"{self.noun} {name!r} ({entry}) is damaged: {entry.fault}")
        lacking = self._lacking(entry)
        if lacking:
            raise PluginError(f"{self.noun} {name!r} ({entry}) needs {lacking}")
        try:
            entry.place()
        except SourceMissing as reason:
            raise PluginError(f"{self.noun} {name!r} cannot be loaded: {reason}") from None
        set_environment()  # outside of naming(): its errors are not the plugin's fault
        with naming(f"{self.noun} {name!r} ({entry}) cannot be loaded", (MXNetMissing,)):
            factory = self._load(entry)
        if not callable(factory):
            raise PluginError(
                f"{self.noun} {name!r} ({entry}) is not callable but {type_name(factory)}"
            )
        return factory

    def takes(self, name: str) -> Options:
        """The options of one factory, which is imported for this.

        Raises:
            UsageError: for an unknown name.
            PluginError: if the factory cannot be loaded, or hides its options.
        """
        factory = self.get(name)
        with naming(f"{self.noun} {name!r} ({self.entry(name)}) hides its options"):
            return options_of(factory)

    def _load(self, entry: Entry) -> object:
        """Import a factory; if MXNet does not start, the error does not blame the factory."""
        with mxnet_importable():
            try:
                module, attribute = entry.place()
                return reduce(getattr, attribute.split("."), import_module(module))
            except Exception as error:
                failed, needs_mxnet = error, failed_in_mxnet()
        if needs_mxnet:
            try:
                import_mxnet()
            except MXNetMissing as error:
                what = f"{self.noun} {entry.name!r} needs MXNet. {error}"
                raise MXNetMissing(what) from failed
        raise failed

    def make(self, name: str, options: Mapping[str, object], **given: object) -> Any:
        """Call a factory; every mistake becomes an error that names the factory.

        Args:
            name: of the factory.
            options: the user's options, checked against the signature.
            given: the keywords that the framework adds.

        Raises:
            UsageError: for an unknown name, an option that the factory does not take, or a value
                that it refuses by a ValueError.
            PluginError: if the factory cannot be loaded, or raises anything else; the cause is
                chained.
        """
        factory, takes = self.get(name), self.takes(name)
        options = as_options(f"the options of {self.noun} {name!r}", options)
        owner = self.owner(name, {})
        for key in given:
            if key not in takes.defaults and not takes.open_ended:
                raise PluginError(f"{owner} must take the keyword {key!r}, and does not")
        reserved = {key: f"is set by mxdigits, here to {each!r}" for key, each in given.items()}
        for key, what in takes.problems(options, reserved=reserved).items():
            raise UsageError(f"{self.noun} {name!r}: option {key!r}: {what}")
        with naming(f"{self.owner(name, options)} cannot be built"):
            try:
                made = factory(**given, **options)
            except ValueError as error:
                said = text_of(error) or describe(error)
                raise UsageError(f"{self.noun} {name!r}: {said}") from error
            _ = made.__class__  # isinstance() asks for it, and an object may refuse to tell
            return made

    def state(self, entry: Entry, *, load: bool = False) -> str:
        """``ok``, or why an entry cannot work.

        Args:
            entry: one of :meth:`entries`.
            load: whether to import it to find out; otherwise only its source is read.
        """
        if entry.name in self._own and entry.distribution != OURS:
            return f"conflict: the {self.noun} of this name is mxdigits' own"
        if len(self.entries(entry.name)) > 1 and entry.name not in self._own:
            return "conflict: several distributions offer this name"
        if entry.fault:
            return f"broken: {entry.fault}"
        lacking = self._lacking(entry)
        if lacking:
            return f"incompatible: needs {lacking}"
        try:
            if load:
                self.get(entry.name)
            else:
                entry.options()
        except SourceMissing as reason:
            return f"broken: {reason}"
        except MXNetMissing as error:
            return f"broken: {error}"
        except PluginError as error:
            return f"broken: {describe(error.__cause__ or error)}"
        return "ok"

    def options(self, name: str) -> Optional[Options]:
        """The options of one factory, read from its source; None if that does not show them."""
        try:
            return self.entry(name).options()
        except SourceMissing:
            return None

    def _lacking(self, entry: Entry) -> str:
        """The unmet requirements of an entry's distribution, looked up once."""
        if entry.factory is not None:
            return ""
        if entry.distribution not in self._unmet:
            self._unmet[entry.distribution] = entry.unmet()
        return self._unmet[entry.distribution]

    def _entry_points(self) -> dict[str, list[Entry]]:
        """The entries by name."""
        if self._offered is None:
            from .installed import installed  # slow to import

            offered = defaultdict(list)
            for each in installed(self.group):
                for name, target in each.offers.get(self.group, ()):
                    entry = Entry(name, target, each.name, each.version, fault=each.fault)
                    if each.counts:
                        offered[name].append(entry)
                    else:
                        self._left_out[name] = entry
            for entries in offered.values():
                entries.sort(key=lambda entry: entry.distribution)
            self._offered = offered
        return self._offered


MODELS = Registry("mxdigits.models", "model")
MODEL_GRAPHS = Registry("mxdigits.model_graphs", "model")  # only for mxdigits' own models
DATASETS = Registry("mxdigits.datasets", "data set")
AUGMENTATIONS = Registry("mxdigits.augmentations", "augmentation")
CALLBACKS = Registry("mxdigits.callbacks", "callback")
EXPORTERS = Registry("mxdigits.exporters", "format")
NETWORK_FORMATS = Registry("mxdigits.network_formats", "network format")
NETWORKS = Registry("mxdigits.networks", "network")

# All code that lists, checks or records plugins iterates over these.
REGISTRIES = (MODELS, DATASETS, AUGMENTATIONS, CALLBACKS, EXPORTERS, NETWORK_FORMATS, NETWORKS)

register_model = MODELS.register
register_dataset = DATASETS.register
register_augmentation = AUGMENTATIONS.register
register_callback = CALLBACKS.register
register_exporter = EXPORTERS.register
register_network_format = NETWORK_FORMATS.register
register_network = NETWORKS.register
