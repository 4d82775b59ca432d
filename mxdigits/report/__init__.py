"""The results of runs as pages: a report of one run, a comparison of several.

``results.py`` reads the results of a run. ``report.py`` and ``compare.py`` decide what the pages
say, ``html/`` how they look; ``mistakes.py`` and ``by_class.py`` are parts of a report, and
``plots.py`` has its charts, and ``drawing.py`` how charts are drawn and written.
``significance.py`` and ``calibration.py`` compute the statistics, ``verdict.py`` puts a comparison
into words.
``groups.py`` compares recipes that have several runs each, by the tests of ``student.py``.
``outcome.py`` has the result of learning from corrections, ``rate_plot.py`` draws a range test.
``label_errors.py`` lists labels of a data set that are probably wrong.

Words:

- results: a run, its test images and the predictions of its network.
- verdict: the result of a comparison in one sentence.
"""
