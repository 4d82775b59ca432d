"""What a run came to, as pages: a report of one run, a comparison of several.

``report.py`` and ``compare.py`` say what the pages say, ``html/`` how they look, ``plots.py``
draws.
"""
