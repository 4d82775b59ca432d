from mxdigits import Callback, Stop


class TargetCallback(Callback):
    """Stops once the training accuracy has been at least ``accuracy`` in ``epochs`` epochs."""

    def __init__(self, *, accuracy=0.99, epochs=1):
        if not isinstance(accuracy, (int, float)) or not 0 <= accuracy <= 1:
            raise ValueError(f"option accuracy: must be from 0 to 1, got {accuracy!r}")
        if not isinstance(epochs, int) or epochs < 1:
            raise ValueError(f"option epochs: must be a whole number from 1 on, got {epochs!r}")
        self._accuracy = accuracy
        self._epochs = epochs
        self._reached = 0

    def on_epoch_end(self, record):
        self._reached += record.train_accuracy >= self._accuracy
        if self._reached >= self._epochs:
            return Stop(f"a training accuracy of {record.train_accuracy:.4f} is high enough")

    def state(self):
        return {"reached": self._reached}

    def restore(self, state):
        self._reached = state["reached"]
