"""It takes it that there is validation."""

from mxdigits import Callback


class build(Callback):
    def on_epoch_end(self, record):
        print(f"{record.validation_accuracy:.4f}")
