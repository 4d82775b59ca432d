"""It keeps everything, and writes nothing."""


class build:
    def __init__(self, *, path, layout):
        self._file = open(path, "w")  # noqa: SIM115
        self._pieces = []

    def __enter__(self):
        return self

    def write(self, piece):
        self._pieces.append(piece)

    def __exit__(self, *error):
        self._file.close()
