"""From pictures, data sets and run folders to predictions, and to the files that hold them.

Start reading at ``predict.py``; ``inputs.py`` says what can be given, ``formats.py`` what is
written.
"""
