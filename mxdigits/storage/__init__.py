"""Files: written whole or not at all, locked while a process works, and read with care.

Readers here expect files that anybody may have made: sizes are bounded and nothing in a file is
run. What the files of a run are called and mean stands in ``runs/``. Start reading at
``files.py``.
"""
