import csv


class TsvFormat:
    """A line an image: its number, the predicted class and the probability of that."""

    def __init__(self, *, path, layout):
        self._path = path
        self._layout = layout
        self._count = 0

    def __enter__(self):
        self._file = open(self._path, "w", encoding="utf-8", newline="")
        # Which puts a class's name in quotes if there is a tab in it.
        self._lines = csv.writer(self._file, "excel-tab", lineterminator="\n")
        return self

    def write(self, piece):
        for prob in piece.prob:
            name = self._layout.name(prob.argmax())
            self._lines.writerow([self._count, name, f"{prob.max():.6g}"])
            self._count += 1

    def __exit__(self, *error):
        self._file.close()
