"""Which words a run follows, whether they were named or marked in their texts."""

from odograph.folder.run import Run

#: Options of a run that say where targets stand in the texts, whatever they are.
_PLACED = ("target_columns", "marks", "template", "pair")


def target_names(run: Run) -> tuple[str, ...]:
    """The targets: those that were named, else those that were marked, in order of the alphabet.

    None where words were drawn by their tags: these are no targets.
    """
    config = run.manifest["config"]
    named = tuple(config["targets"])
    if named or config.get("groups") or not any(config.get(option) for option in _PLACED):
        return named
    marked = "select distinct \"group\" from tokens where role = 'target' order by 1"
    return tuple(str(name) for (name,) in run.chosen.sql(marked).fetchall())


def has_targets(run: Run) -> bool:
    """Whether targets were marked in the run."""
    return bool(target_names(run))
