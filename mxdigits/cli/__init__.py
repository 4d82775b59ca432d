"""The command line: one function a verb, which parses, calls and prints.

Start reading at ``app.py``. What a verb does stands in the package that it calls.
"""

from .app import main

__all__ = ["main"]
