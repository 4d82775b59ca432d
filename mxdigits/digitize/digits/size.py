"""The size of MNIST's images, also for modules that do without Pillow."""

SIZE = 28  # pixels of a side
