"""A run from its recipe to its files. Who reads ``run.py`` first understands the program.

``prepare.py`` makes what a run needs, ``record.py`` what ``run.json`` says of it;
``resumption.py`` goes on with a run, ``verification.py`` repeats one, ``learning.py`` trains one
on with corrections.

Words:

- prepared run: devices, data, network and callbacks, ready for the first batch; nothing written.
- resumption: a run folder, and the checkpoint that its run goes on from.
- outcome: what learning from corrections brought and what it cost.
"""
