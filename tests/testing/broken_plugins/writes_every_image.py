"""It writes the file anew for every piece."""


class build:
    def __init__(self, *, path, layout):
        self._path = path

    def __enter__(self):
        return self

    def write(self, piece):
        self._path.write_text("".join(f"{row.argmax()}\n" for row in piece.prob[:3]))

    def __exit__(self, *error):
        pass
