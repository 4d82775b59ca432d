"""From names to what is installed under them: models, data sets, augmentations, callbacks, formats.

Listing imports no plugin. Start reading at ``registry.py``; ``scaffold.py`` writes a new plugin.
"""
