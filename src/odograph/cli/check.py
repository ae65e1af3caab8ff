"""`odograph check`: a model's anatomy, its self-check, and what can be measured."""

from typing import Annotated

import typer

from odograph.cli.options import AsJson, Given, Quiet, takes_options
from odograph.terminal import json_text, show, tell


@takes_options(only=["Model"], without=["model"])
def check(
    given: Given,
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="Hub id, folder, .gguf file, or bundled.")
    ],
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Show a model's anatomy, its self-check and what can be measured; exit 1 if it cannot be."""
    config = given.config(model=model)
    from odograph.api.check import checked, load
    from odograph.cli.silence import silence_libraries
    from odograph.run.memory import announce_memory
    from odograph.run.preparing import load_options

    silence_libraries(quiet=quiet)
    if not quiet:
        announce_memory(config.model, load_options(config))
    loaded = load(config.model, config)
    found = checked(loaded)
    show(json_text([c.record() for c in found.checks], indent=1) if as_json else found)
    loaded.checks.refuse_if_failed(logits=False)
    if not found.logits:
        tell("its logits are not measured; all else is with --logits none")
