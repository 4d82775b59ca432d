"""What the command line converts: the same as Typer would, and pydantic is not imported for it."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer

from mxdigits.cli.conversion import leave_as_given
from mxdigits.cli.verbs import command_line


def parameters(command, context=None):
    """Each parameter of each verb, with a context of its command."""
    context = command.context_class(command, parent=context, info_name=command.name)
    yield from ((each, context) for each in command.get_params(context))
    for verb in getattr(command, "commands", {}).values():
        yield from parameters(verb, context)


def converted(parameter, context, value):
    """The value, or what is said against it."""
    try:
        return parameter.process_value(context, value)
    except Exception as error:
        if not hasattr(error, "format_message"):  # Typer's errors of usage have it
            raise
        return error.format_message()


def values(parameter):
    """Values as they come from a command line, and what is taken where nothing is given."""
    yield parameter.default
    texts = ["1", "0.5", "test", "mine/run", "no", "-3", ".", "", "ä b"]
    if parameter.nargs == -1 or parameter.multiple:
        yield from ((), ("mine",), tuple(texts))
    else:
        yield from texts


def test_each_value_is_what_typer_makes_of_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    theirs, ours = (typer.main.get_command(command_line()) for _ in range(2))
    leave_as_given(ours)
    compared = 0
    for (parameter, context), (same, other) in zip(parameters(theirs), parameters(ours)):
        assert parameter.name == same.name
        parameter.callback = same.callback = None  # they look for runs
        for value in values(parameter):
            expected = converted(parameter, context, value)
            found = converted(same, other, value)
            assert (found, type(found)) == (expected, type(expected)), (parameter.name, value)
            compared += 1
    assert compared > 1000


@pytest.mark.skipif("os.geteuid() == 0", reason="root may read every file")
def test_a_path_that_may_not_be_read_is_refused_as_by_typer(tmp_path):
    file = tmp_path / "closed"
    file.touch(mode=0)
    command = typer.main.get_command(command_line("runs"))
    leave_as_given(command)
    (root,) = (each for each, _ in parameters(command) if each.name == "root")
    context = command.context_class(command)
    assert converted(root, context, str(file)).endswith("is not readable.")


def test_pydantic_is_not_imported_for_texts_paths_and_what_is_left_out():
    code = (
        "import sys, typer\n"
        "from mxdigits.cli.conversion import leave_as_given\n"
        "from mxdigits.cli.verbs import command_line\n"
        "command = typer.main.get_command(command_line('predict'))\n"
        "leave_as_given(command)\n"
        "words = 'lenet a.png b.png --data mine --context gpu --context cpu -o x.npz --many'\n"
        "context = command.make_context('mxdigits', ['predict', *words.split()])\n"
        "verb = command.commands['predict']\n"
        "told = verb.make_context('predict', words.split(), parent=context).params\n"
        "print(*told['inputs'], told['data'], *told['context'], told['output'], told['many'])\n"
        "print('pydantic' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["a.png b.png mine gpu cpu x.npz True", "False"]
