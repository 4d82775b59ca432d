"""The checks of callbacks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Optional

from ..errors import UsageError
from ..foreign import describe, text_of, type_name
from ..plugins.suggest import nearest
from ..train.callbacks import Callback, EpochStart, FitStart, Progress, actions_of
from ..train.history import EpochRecord, History
from ..train.tracker import Tracker
from .case import Case, expect_settings_kept
from .loading import takes_keyword_options
from .results import Broken, Check, vital

# The fit that a callback is told of.
_EPOCHS = 4  # enough that the numbers get better and then worse
_BATCHES = 3  # of an epoch
_SIZE = 100  # images of a batch


class CallbackCase(Case):
    """A callback to be checked.

    >>> from mxdigits.registry import CALLBACKS
    >>> case = CallbackCase(CALLBACKS, CALLBACKS.entry("early_stopping"), {"patience": 1})
    >>> type(case.make()).__name__
    'EarlyStopping'
    """

    def make(self) -> Any:
        """What the factory returns, unchanged."""
        return self.registry.make(self.entry.name, self.options)


@vital
def gives_a_callback(case: CallbackCase) -> None:
    """The factory gives an mxdigits.Callback.

    >>> from mxdigits.registry import CALLBACKS
    >>> gives_a_callback(CallbackCase(CALLBACKS, CALLBACKS.entry("early_stopping"), {}))
    """
    _ = case.settings_before
    made = case.make()
    if not isinstance(made, Callback):
        raise Broken(type_name(made), "derive it from mxdigits.Callback")
    heard = Tracker if isinstance(made, Tracker) else Callback
    events = [name for name in dir(heard) if name.startswith("on_")]
    for name in dir(made):
        if name.startswith("on_") and name not in events:
            raise Broken(f"{name}, which nothing calls", nearest(name, events))


@vital
def hears_a_fit_to_its_end(case: CallbackCase) -> Optional[str]:
    """It takes every event of a fit and returns actions or None; it may ask for validation.

    >>> from mxdigits.registry import CALLBACKS
    >>> case = CallbackCase(CALLBACKS, CALLBACKS.entry("early_stopping"), {})
    >>> hears_a_fit_to_its_end(case)[:49]
    'without validation it says: EarlyStopping watches'
    """
    _fit(case.make(), validated=True)
    try:
        _fit(case.make(), validated=False)
    except UsageError as refusal:
        return f"without validation it says: {refusal}"
    return None


def goes_on_from_its_state(case: CallbackCase) -> str:
    """state() is None or a mapping that JSON can hold, and a new callback can restore it.

    >>> from mxdigits.registry import CALLBACKS
    >>> goes_on_from_its_state(CallbackCase(CALLBACKS, CALLBACKS.entry("early_stopping"), {}))[:8]
    '{"best":'
    """
    callback = case.make()
    _fit(callback, validated=True)
    state = callback.state()
    if state is None:
        return "remembers nothing"
    if not isinstance(state, Mapping):
        raise Broken(f"state() gave {type_name(state)}", "give a dictionary, or None")
    try:
        text = json.dumps(state)
    except (TypeError, ValueError) as error:
        raise Broken(
            f"state() gave what JSON does not know: {describe(error)}",
            "keep plain numbers, texts, lists and dictionaries in it",
        ) from None
    again = case.make()
    again.restore(json.loads(text))
    restored = json.dumps(again.state())
    if restored != text:
        raise Broken(
            f"{restored} after restore({text})", "take everything in restore that state() gives"
        )
    return text


def listening_keeps_settings(case: CallbackCase) -> None:
    """Hearing a fit changes no setting of NumPy, MXNet or the process.

    >>> from mxdigits.registry import CALLBACKS
    >>> listening_keeps_settings(CallbackCase(CALLBACKS, CALLBACKS.entry("early_stopping"), {}))
    """
    expect_settings_kept(case)


CALLING: list[Check] = [
    takes_keyword_options,
    gives_a_callback,
    hears_a_fit_to_its_end,
    goes_on_from_its_state,
    listening_keeps_settings,
]


def _fit(callback: Callback, validated: bool) -> None:
    """Tell a callback of a fit whose numbers first get better and then worse."""
    _tell(callback, "on_fit_start", FitStart(0, _EPOCHS, _BATCHES * _SIZE, _SIZE))
    history = History()
    for epoch, loss in zip(range(_EPOCHS), (2.0, 1.0, 1.5, 1.5)):
        _tell(callback, "on_epoch_start", EpochStart(epoch, 0.1))
        for batch in range(1, _BATCHES + 1):
            samples = batch * _SIZE
            event = Progress(epoch, batch, samples, 0.1 * batch, loss * samples, samples // 2)
            _tell(callback, "on_progress", event)
        record = EpochRecord(
            epoch=epoch,
            learning_rate=0.1,
            samples=_BATCHES * _SIZE,
            seconds=0.3,
            samples_per_second=_SIZE / 0.1,
            train_loss=loss,
            train_accuracy=1 / (1 + loss),
            validation_loss=loss + 0.1 if validated else None,
            validation_accuracy=1 / (1.1 + loss) if validated else None,
        )
        history.append(record)
        answer = _tell(callback, "on_epoch_end", record)
        try:
            actions_of(answer)
        except Exception as error:
            raise Broken(
                text_of(error), "return what mxdigits knows as an action, or None"
            ) from None
    _tell(callback, "on_fit_end", history)


def _tell(callback: Callback, moment: str, event: object) -> Any:
    try:
        return getattr(callback, moment)(event)
    except (UsageError, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise Broken(
            f"{moment}({event}) failed: {describe(error)}",
            "take the event and nothing else; its validation_loss and validation_accuracy may be "
            "None, and a callback that needs them raises mxdigits.errors.UsageError",
        ) from error
