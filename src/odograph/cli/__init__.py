"""The command line: one small file per command; what is heavy is imported inside the command.

`app` puts the commands together and turns every error into one message, `options` makes the
options out of `RunConfig`, `findings` prints what was found. stdout carries data, stderr the rest.
"""

import os
from collections.abc import Sequence


def main() -> None:
    """The console command `odograph`; Ctrl-C is heard as an interruption from the first moment."""
    try:
        from odograph.cli.app import main as begin

        begin()
    except KeyboardInterrupt:
        os.write(2, b"odograph: interrupted\n")
        os._exit(1)


def run(arguments: Sequence[str]) -> int:
    """The exit code of the command: 0 done, 1 could not, 2 wrong use; its errors are on stderr."""
    from odograph.cli.app import run as given

    return given(arguments)


__all__ = ["main", "run"]
