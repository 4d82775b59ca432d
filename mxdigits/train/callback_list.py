"""Calls the callbacks of a fit one after the other; an error in one of them names it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..errors import CheckpointError, PluginError
from ..foreign import describe, naming, text_of
from .callbacks import Action, Callback, actions_of, name_of
from .history import EpochRecord


class CallbackList:
    """Tells callbacks what happens; returns the actions that they want and their states.

    Raises:
        PluginError: from each method, if a callback raises something or returns a wrong value.

    Example:
        >>> from mxdigits import Stop
        >>> class Enough(Callback):
        ...     def on_epoch_end(self, record):
        ...         return Stop("one epoch is enough")
        >>> record = EpochRecord(0, 0.1, 100, 1.0, 100.0, train_loss=0.5, train_accuracy=0.85)
        >>> list(CallbackList([Enough()]).actions(record))
        [Stop(reason='one epoch is enough')]
    """

    def __init__(self, callbacks: Sequence[Callback]):
        self._callbacks = list(callbacks)

    def add(self, callback: Callback) -> None:
        """Add a callback, which is called after the others."""
        self._callbacks.append(callback)

    def tell(self, moment: str, event: object) -> None:
        """Call the method of this name on each callback."""
        for callback in self._callbacks:
            _call(callback, moment, event)

    def actions(self, record: EpochRecord) -> Iterator[Action]:
        """The actions that callbacks want at an epoch's end; do each before asking for the next."""
        for callback in self._callbacks:
            answer = _call(callback, "on_epoch_end", record)
            try:
                actions = actions_of(answer)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # even the repr() of a wrong value may fail
                raise PluginError(f"callback {name_of(callback)}: {text_of(error)}") from error
            yield from actions

    def states(self) -> list[tuple[str, Mapping[str, object]]]:
        """The name and the state, in JSON values, of each callback that remembers something."""
        named = []
        for callback in self._callbacks:
            state = _call(callback, "state")
            with naming(f"callback {name_of(callback)}: its state cannot be written as JSON"):
                json.dumps(state)
            if state is not None:
                named.append((name_of(callback), state))
        return named

    def check(self, states: Sequence[tuple[str, object]]) -> None:
        """Check that the states belong to these callbacks.

        Raises:
            CheckpointError: if not; names both.
        """
        names = [name for name, _ in states]
        here = [name_of(each) for each in self._remembering()]
        if names != here:
            raise CheckpointError(
                f"the state is of the callbacks {', '.join(names) or 'none'}; "
                f"here are {', '.join(here) or 'none'}; give the same ones"
            )

    def restore(self, states: Sequence[tuple[str, Mapping[str, object]]]) -> None:
        """Restore the states of the callbacks from what :meth:`states` gave.

        Raises:
            CheckpointError: if one of them cannot.
        """
        for callback, (_, state) in zip(self._remembering(), states):
            try:
                callback.restore(state)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                raise CheckpointError(
                    f"callback {name_of(callback)} cannot restore its state: {describe(error)}"
                ) from error

    def _remembering(self) -> list[Callback]:
        return [each for each in self._callbacks if _call(each, "state") is not None]


def _call(callback: Callback, moment: str, *arguments: object) -> Any:
    with naming(f"callback {name_of(callback)}: {moment} failed"):
        return getattr(callback, moment)(*arguments)
