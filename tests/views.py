"""Whether the states of a page that findings name are there."""

from typing import Any

from odograph.folder.run import Run
from odograph.report.profiles import profiles_of


def views_that_lack_something(run: Run) -> list[Any]:
    """Of the run's findings, the headlines and views that name what the run has not."""
    profiles = profiles_of(run)
    tokens = run.sql("select passage, position from tokens").fetchall()
    places = {f"{passage}.{position}" for passage, position in tokens}
    once = run.sql("select * from tokens limit 0").columns
    return [
        (finding["headline"], finding["show"])
        for finding in run.findings
        if not _there(finding["show"], run, profiles, places, once)
    ]


def _there(view: Any, run: Run, profiles: Any, places: set[str], once: Any) -> bool:
    profile = profiles.get(view.get("measure"))
    if profile is None or view["run"] != run.name:
        return False
    layer, mean = view.get("layer"), profile["curves"][0]["mean"]
    if layer is not None and mean[layer] is None:
        return False
    if view.get("minus") and not profile["twins"]:
        return False
    if view.get("against", "position") not in {*once, *profiles}:
        return False
    return all(view[pin] in places for pin in ("a", "b") if pin in view)
