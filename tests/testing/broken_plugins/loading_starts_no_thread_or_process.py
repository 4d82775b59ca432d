"""It begins to work in the background."""

import threading
import time

threading.Thread(target=time.sleep, args=(60,), name="worker", daemon=True).start()


def build(*, classes=10): ...
