"""What is said of a picture beside its answers: what was not read, and what was guessed."""

from __future__ import annotations

_OTHER_INK = ", but other ink, as of a letter, a sign or a scribble; --any-ink reads it"
_OTHER_INK_OF_ONE = _OTHER_INK + ", and --many several digits, also if they touch"


def no_digit(other_ink: bool, many: bool) -> str:
    """What is said of a picture of which nothing is read.

    >>> no_digit(False, many=True)
    'shows no digit'
    """
    return "shows no digit" + (_OTHER_INK if many else _OTHER_INK_OF_ONE) * other_ink


def guessed_marks(marks: int) -> str:
    """What is said of marks beside digits, which nothing reads.

    >>> guessed_marks(1)
    'one mark beside digits, as of an amount or a date, is guessed by size and place; check it'
    """
    one = marks == 1
    return (
        f"{'one mark' if one else f'{marks} marks'} beside digits, as of an amount or a date, "
        f"{'is' if one else 'are'} guessed by size and place; check {'it' if one else 'them'}"
    )


def more_digits(seen: int, read: int, many: bool) -> str:
    """What is said of digits of a picture that are not read.

    Args:
        seen: how many there are, and pieces of ink that look like none.
        read: how many are read.
        many: whether several were looked for.

    >>> more_digits(2, 1, False)
    'two digits, of which one is read; use --many'
    """
    if not many:
        how_many = "two" if seen == 2 else f"about {seen}"
        return f"{how_many} digits, of which one is read; use --many"
    left = seen - read
    if left == 1:
        return (
            "one piece of ink does not look like a digit, or is among letters, and is left out; "
            "--any-ink reads it"
        )
    return (
        f"{left} pieces of ink do not look like digits, or are among letters, and are left out; "
        "--any-ink reads them"
    )
