"""Digits made by a model of handwriting: styles, the curves of their strokes, hands, pens, pixels.

Start reading at ``dataset.py``, the data set ``hands``. ``table.py`` lists the strokes of each
style, and ``styles.py`` reads it. ``curves.py`` makes curves of the strokes, ``writing.py`` varies
them as hands do, and ``drawing.py`` draws them in MNIST's form; ``scanning.py`` turns some of the
drawings into coarse scans. No picture of anyone's writing is used.
"""
