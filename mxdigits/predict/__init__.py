"""From pictures, data sets and run folders to predictions, and to the files that hold them.

Start reading at ``predict.py``.

- ``opening.py`` opens a network and its data from a run folder, or by ``network_file.py`` from an
  ONNX file alone; ``networks.py`` knows the installed networks, ``cards.py`` their model cards.
- ``origin.py`` is about a run's own data, ``run_data.py`` reads others like them. ``score.py``
  scores a network on them.
- ``explain.py`` says which parts of an image an answer rests on: ``occlusion.py`` and
  ``integrated.py`` compute that, ``heat.py`` draws it.
- ``overlay.py`` draws the answers over a page, ``seen.py`` draws what the network saw.
- ``inputs.py`` reads what a user names: pictures, folders, IDX and NPZ files, data sets.
  ``input_names.py`` says what a name stands for, ``other_files.py`` recognises files that are no
    pictures; ``image_pieces.py`` groups images into pieces.
- ``predictions.py`` writes and reads files of predictions; ``formats.py`` has CSV, JSON lines, NPZ.

Words:

- evaluation request: which data, which part of them, and on which device.
- prediction sink: where predictions go: a file, a folder of pictures, or the terminal.
- item: one image to predict, with its label, file and place as far as they are known.
- image piece: images that are predicted together.
- piece: predictions of some images, written at once.
"""
