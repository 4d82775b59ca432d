"""Measures mxdigits beside the tutorial that it grew from, and beside other frameworks."""
