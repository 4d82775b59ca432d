"""The command ``mxdigits``, also as ``python -m mxdigits``."""

from __future__ import annotations

import sys

from . import garbage, heartbeat
from .printing import open_closed_streams, print_error
from .signals import ignore_requests, sent_again


def main() -> int:
    """Run the command line; Ctrl-C gives no traceback, even while modules are being imported.

    Example:
        >>> sys.exit(main())  # doctest: +SKIP
    """
    open_closed_streams()
    heartbeat.start()
    ignore_requests()
    with garbage.looked_for_late(), sent_again():
        try:
            from .cli.app import main as run_command

            return run_command()
        except KeyboardInterrupt:
            print_error(["interrupted"])
            return 130


if __name__ == "__main__":
    with heartbeat.leaving_at_once():
        sys.exit(main())
