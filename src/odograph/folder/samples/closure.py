"""How exactly what attention and the MLP add makes the whole step."""

from dataclasses import dataclass

from odograph.folder.expressions import WHOLE
from odograph.folder.run import Run
from odograph.folder.selection import numbers


@dataclass(frozen=True)
class Closure:
    """How exactly x_{l-1} + a_l + m_l gives x_l.

    `error` is the largest relative error on the self-check's prompt, `tolerance` the largest that
    is accepted, `detail` says where. `lengths` is the largest difference, over all tokens of the
    run, between the length of the step and |a_l + m_l|, as a share of |a_l| + |m_l|; None where
    steps of the run have been through the final norm. `tokens`: how many tokens that is.
    """

    error: float
    tolerance: float
    detail: str
    lengths: float | None
    tokens: int


def closure_of(run: Run) -> Closure:
    """The closure error of the self-check, and that of the lengths over all tokens of the run."""
    checks = {check["name"]: check for check in run.manifest["self_check"]}
    check = checks.get("closure", {})
    return Closure(
        error=float(check.get("error", float("nan"))),
        tolerance=float(check.get("tolerance", float("nan"))),
        detail=str(check.get("detail", "")),
        lengths=_length_error(run),
        tokens=int((run.manifest["kept"] if run.keeps_sums else run.manifest["corpus"])["tokens"]),
    )


def _length_error(run: Run) -> float | None:
    convention = run.manifest["convention"]
    if convention == "lens":
        return None
    last = run.blocks - (convention == "hf")
    found = numbers(
        run.sql(f"""
        select max(e) filter (where isfinite(e)) as largest from (
            select abs(step::double - {WHOLE}) / (attention_step + mlp_step) as e
            from layers where layer between 1 and {last})""")
    )["largest"]
    return None if not len(found) or not found[0] >= 0 else float(found[0])


def later_sinks(run: Run) -> int:
    """How many sinks the run has behind position 0."""
    if run.keeps_sums:
        return int(run.manifest["sinks"]["later"])
    return int(
        numbers(run.sql("select count(*) as n from tokens where sink and position > 0"))["n"][0]
    )
