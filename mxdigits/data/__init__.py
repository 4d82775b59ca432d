"""Data sets and the order in which their images are seen."""
