"""Options of runs in which texts are run again, to see what becomes of their prediction."""

from odograph.errors import UsageError
from odograph.run.config import RunConfig


def check_again_options(config: RunConfig) -> None:
    """Refuses options of which nothing would come.

    Raises:
        UsageError: names the option.
    """
    for name, serves, needed in (
        ("at", bool(config.undo) or config.lens, "--undo or --lens"),
        ("sinks", bool(config.undo), "--undo"),
        ("tuned_lens", config.lens, "--lens"),
    ):
        value = getattr(config, name)
        if not serves and value != type(config).model_fields[name].default:
            flag = name.replace("_", "-")
            raise UsageError(
                f"option '{name}' without {needed}",
                expected=needed,
                given=f"--{flag} {value}",
                remedy=f"Add {needed}, or leave the option out.",
            )
    if config.at == "targets" and not config.follows:
        raise UsageError(
            "--at targets without targets",
            expected="the words at which the texts are run again",
            given="none",
            remedy="Name them with --target, or leave out --at.",
        )
