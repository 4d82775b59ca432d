"""Random changes of training images, one a file."""
