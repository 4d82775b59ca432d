"""The size of MNIST's images, for those too who do without Pillow."""

SIZE = 28  # pixels of a side
