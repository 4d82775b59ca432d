"""Networks that come with mxdigits, each in a folder as ``mxdigits package RUN --into`` writes it.

CONTRIBUTING.md says how one is replaced.
"""
