"""From pictures, data sets and run folders to predictions, and to the files that hold them.

Start reading at ``predict.py``.

- ``opening.py`` opens a network and its data: of a run folder, or by ``network_file.py`` of a file
  of ONNX alone; ``networks.py`` knows the installed ones, ``cards.py`` their model cards.
- ``origin.py`` is about a run's own data, ``run_data.py`` reads others like them. ``score.py``
  scores a network on them.
- ``explain.py`` says which parts of an image an answer rests on: ``occlusion.py`` and
  ``integrated.py`` find that out, ``heat.py`` draws it.
- ``overlay.py`` draws what was read over a page, ``seen.py`` what the network saw.
- ``inputs.py`` reads what a user names: pictures, folders, IDX and NPZ files, data sets.
  ``input_names.py`` says what is there by a name, ``other_files.py`` what is no picture;
  ``image_pieces.py`` takes some images together.
- ``predictions.py`` writes and reads files of predictions; ``formats.py`` has CSV, JSON lines, NPZ.

Words:

- evaluation request: which data, which part of them, and on which device.
- prediction sink: where predictions go: a file, a folder of pictures, or the terminal.
- item: one image to predict, with what is known of it.
- image piece: images that are predicted together.
- piece: predictions of some images, written at once.
"""
