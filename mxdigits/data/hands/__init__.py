"""Digits written by a model of writing: styles, the curves of their strokes, hands, pens, pixels.

Start reading at ``dataset.py``, the data set ``hands``. ``table.py`` says what is written, and
``styles.py`` reads it; ``curves.py`` makes curves of its strokes, ``writing.py`` varies them as
hands do, and ``drawing.py`` draws them in MNIST's form, of which ``scanning.py`` makes some coarse
scans.
No picture of anyone's writing is used.
"""
