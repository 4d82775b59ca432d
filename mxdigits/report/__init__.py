"""What a run came to, as pages: a report of one run, a comparison of several.

``results.py`` reads what a run came to; ``report.py`` and ``compare.py`` say what the pages say,
``html/`` how they look, ``plots.py`` draws.

Words:

- results: a run, its test images and what its network says of them.
- verdict: what a comparison comes to, in one sentence.
"""
