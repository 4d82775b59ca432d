"""From names to what is installed under them: models, data sets, augmentations, callbacks, formats.

Listing imports no plugin. Start reading at ``registry.py``, which has a registry for each kind.

- ``entry.py``: one name and who offers it. ``own.py`` names what comes with mxdigits.
- ``installed.py`` finds the other distributions, and ``distribution_files.py`` reads their files
  safely; ``listing.py`` says whether each can work, and ``environment.py`` records all of them.
- ``import_states.py`` imports all plugins of a kind in another process, to find those that fail.
- ``signatures.py`` reads the options of a factory; ``suggest.py`` finds the nearest known name.
- ``scaffold.py`` writes a new plugin from one of ``templates/``.

Words:

- registry: the factories of one kind, by name; an entry is one of them, with its distribution.
- distribution: an installed package, whose entry points offer names.
- fault: what is wrong with the files of a distribution.
"""
