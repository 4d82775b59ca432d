"""It leaves a note beside the file."""


class build:
    def __init__(self, *, path, layout):
        self._file = open(path, "w")  # noqa: SIM115
        path.with_name("note.txt").write_text("here I was")

    def __enter__(self):
        return self

    def write(self, piece):
        self._file.writelines(f"{row.argmax()}\n" for row in piece.prob)

    def __exit__(self, *error):
        self._file.close()
