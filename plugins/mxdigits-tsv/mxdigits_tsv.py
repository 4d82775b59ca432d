class TsvFormat:
    """A line an image: its number, the predicted class and the probability of that."""

    def __init__(self, *, path, layout):
        self._path = path
        self._count = 0

    def __enter__(self):
        self._file = open(self._path, "w", encoding="utf-8")
        return self

    def write(self, piece):
        for prob in piece.prob:
            self._file.write(f"{self._count}\t{prob.argmax()}\t{prob.max():.6g}\n")
            self._count += 1

    def __exit__(self, *error):
        self._file.close()
