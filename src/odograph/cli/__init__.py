"""The command line: one small file per command; what is heavy is imported inside the command.

`app` puts the commands together and turns every error into one message, `options` makes the
options out of `RunConfig`, `findings` prints what was found. stdout carries data, stderr the rest.
"""

from odograph.cli.app import main, run

__all__ = ["main", "run"]
