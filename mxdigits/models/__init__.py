"""The models that come with mxdigits, one architecture a file."""
