"""`odograph power`: how many pairs are needed, before anything is measured."""

from typing import TYPE_CHECKING, Annotated, Any

from odograph.cli.options import AsJson, output_option
from odograph.terminal import json_text, show, tell

if TYPE_CHECKING:
    from odograph.statistics.power import Design, Power

_EFFECTS = (0.2, 0.35, 0.5)
#: Seconds from which on the time is told.
_LONG = 5


_Pairs = Annotated[
    list[int] | None,
    output_option(
        "--n", metavar="N", help="Pairs (passages); the number needed by default. Repeatable."
    ),
]
_Effects = Annotated[
    list[float] | None,
    output_option(
        metavar="D",
        help="d_z: mean difference in standard deviations of the differences. Repeatable. "
        "Default: 0.2, 0.35, 0.5.",
    ),
]
_Test = Annotated[
    str,
    output_option(
        metavar="TEST",
        help="max-t (per layer), cluster (the curves as wholes) or single (one layer alone).",
    ),
]
_Layers = Annotated[
    int,
    output_option(metavar="N", min=1, max=1_000, help="Layers tested together: the family."),
]
_Affected = Annotated[
    int | None,
    output_option(
        metavar="N", min=1, help="Neighbouring layers that differ. Default: a quarter of them."
    ),
]
_Correlation = Annotated[
    float,
    output_option(metavar="R", help="Between neighbouring layers, 0 up to 1."),
]
_Wanted = Annotated[
    float,
    output_option("--power", metavar="P", help="Wanted, where no --n is given."),
]
_Seed = Annotated[int, output_option(metavar="N", min=0, help="Of the simulation.")]


def power(
    n: _Pairs = None,
    effect: _Effects = None,
    test: _Test = "max-t",
    layers: _Layers = 12,
    affected: _Affected = None,
    correlation: _Correlation = 0.9,
    wanted: _Wanted = 0.8,
    seed: _Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Simulate how often a true difference would be found with n pairs, or how many that takes."""
    from odograph.statistics.power import Design, planned

    several = affected or max(1, layers // 4)
    designs = [
        planned(Design(each, test, layers, several, correlation)) for each in effect or _EFFECTS
    ]
    _tell_time(designs, n or [])
    rows = [row for design in designs for row in _rows(design, n or [], wanted, seed)]
    if as_json:
        show(json_text(rows, indent=1))
    else:
        _print(designs[0], rows)


def _tell_time(designs: "list[Design]", sizes: list[int]) -> None:
    """Says on stderr about how long the simulation takes, where that is more than a moment."""
    from odograph.statistics.power import seconds_for

    seconds = sum(seconds_for(design, sizes) for design in designs)
    if seconds >= _LONG:
        minutes = f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"
        tell(f"simulating experiments: about {minutes}")


def _rows(design: "Design", sizes: list[int], wanted: float, seed: int) -> list[dict[str, Any]]:
    from dataclasses import asdict

    from odograph.statistics.power import needed
    from odograph.statistics.power import power as power_of

    found: list[Power | None] = [power_of(design, n, seed=seed) for n in sizes]
    found = found or [needed(design, seed=seed, wanted=wanted)]
    nothing = dict.fromkeys(("n", "found", "low", "high", "layers_found", "runs"))
    return [
        asdict(design) | {"seed": seed} | (asdict(each) if each is not None else nothing)
        for each in found
    ]


def _print(design: "Design", rows: list[dict[str, Any]]) -> None:
    from odograph.sentences.numbers import coefficient
    from odograph.statistics.power import MOST_PAIRS

    show(f"{design.test}: {_family(design)}; two-sided, p <= .05\n")
    show(f"{'d_z':>5} {'pairs':>7} {'found':>6}  {'95 % Monte-Carlo':<17} {'layers found':>12}")
    for row in rows:
        if row["n"] is None:
            show(f"{row['effect']:>5g} {'> ' + str(MOST_PAIRS):>7}")
            continue
        interval = f"{coefficient(row['low'])} to {coefficient(row['high'])}"
        show(
            f"{row['effect']:>5g} {row['n']:>7} {coefficient(row['found']):>6}  {interval:<17} "
            f"{coefficient(row['layers_found']):>12}"
        )
    show(
        "\nfound: experiments in which a layer that differs is found"
        f"{' in a cluster' if design.test == 'cluster' else ''}; layers found: its mean share of "
        "all that differ.\nA difference that is there may be missed; one that is found is not "
        "thereby important."
    )


def _family(design: "Design") -> str:
    """What is tested together, in words."""
    if design.layers == 1:
        return "one layer"
    return (
        f"{design.layers} layers, a difference in {design.affected} of them, neighbours correlated "
        f"{design.correlation:g}"
    )
