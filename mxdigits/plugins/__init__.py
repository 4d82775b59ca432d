"""From names to what is installed under them: models, data sets, augmentations, callbacks, formats.

Listing imports no plugin. Start reading at ``registry.py``; ``scaffold.py`` writes a new plugin.

Words:

- registry: the factories of one kind, by name; an entry is one of them and who offers it.
- distribution: an installed package, whose entry points offer names.
- fault: what is wrong with the files of a distribution.
"""
