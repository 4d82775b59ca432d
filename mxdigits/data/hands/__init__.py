"""Digits written by a model of writing: styles, the curves of their strokes, hands, pens, pixels.

Start reading at ``dataset.py``, the data set ``hands``. ``styles.py`` is the table of what is
written; ``curves.py`` makes curves of its strokes, ``writing.py`` varies them as hands do, and
``drawing.py`` draws them in MNIST's form, of which ``scanning.py`` makes some coarse scans.
No picture of anyone's writing is used.
"""
