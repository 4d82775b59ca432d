"""It forgets to restore what it counts."""

from mxdigits import Callback


class build(Callback):
    def __init__(self):
        self._epochs = 0

    def on_epoch_end(self, record):
        self._epochs += 1

    def state(self):
        return {"epochs": self._epochs}
