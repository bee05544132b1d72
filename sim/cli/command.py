"""The command itself: what it is called, what it does without a command, and how it ends."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from sim.cli.errors import explained
from sim.cli.launch import open_library
from sim.cli.output import say
from sim.words.errors import UserError

app = typer.Typer(
    name="scurfy",
    help="A bedside case game. Teaching only, not for patient care.",
    epilog="Example: scurfy play drying_out --mode tutor",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def scurfy(
    context: typer.Context, version: Annotated[bool, typer.Option("--version", help="Print versions.")] = False
) -> None:
    """A bedside case game. Without a command it opens the library. Teaching only, not for patient care."""
    if version:
        from sim.cli.doctor import versions

        say(", ".join(f"{name} {number}" for name, number in versions()))
    elif context.invoked_subcommand is None:
        open_library()


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code: 0 well, 1 a finding, 2 a misuse, 3 a fault of Scurfy's own."""
    with explained() as outcome:
        try:
            result = app(arguments, prog_name="scurfy", standalone_mode=False)
        except typer.TyperException as error:
            message, _, meant = error.format_message().partition(". Did you mean ")
            hint = f"did you mean {meant}" if meant else "scurfy --help lists the commands, scurfy COMMAND --help one"
            raise UserError(message[:1].lower() + message[1:], hint, misuse=True) from error
        outcome.code = result if isinstance(result, int) else 0
    if outcome.unread:  # Python must not try to flush at exit what nobody can read
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return outcome.code
