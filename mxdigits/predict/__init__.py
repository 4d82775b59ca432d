"""From pictures, data sets and run folders to predictions, and to the files that hold them.

Start reading at ``predict.py``; ``opening.py`` opens a run's network and data, ``inputs.py`` says
what can be given, ``formats.py`` what is written.

Words:

- evaluation request: which data, which part of them, and on which device.
- prediction sink: where predictions go: a file, a folder of pictures, or whoever looks on.
- item: one image to predict, with what is known of it.
- piece: predictions of some images, written at once.
"""
