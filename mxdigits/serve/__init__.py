"""A page to draw digits on, and a small API beside it: what ``mxdigits serve`` runs."""
