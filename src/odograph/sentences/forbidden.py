"""The words that a finding must not use: geometry is described, nothing is explained by minds."""

import re

_FORBIDDEN = re.compile(
    r"\b(efforts?|effortful|thinks?|thinking|thought|understand\w*|understood|believes?|knows?"
    r"|wants?|tries|decides?|caus(?:e|es|ed|ing|al|ally)|because of|due to|leads? to|drives?|driven"
    r"|proves?|from (?:layer|block|step) \w+ (?:on|onwards?)"
    r"|(?:starting|beginning) (?:at|from|with))"
    r"\b",
    re.IGNORECASE,
)


def forbidden(text: str) -> tuple[str, ...]:
    """The words of a text that a finding must not use, in their order; () if there are none."""
    return tuple(match.group(0) for match in _FORBIDDEN.finditer(text))
