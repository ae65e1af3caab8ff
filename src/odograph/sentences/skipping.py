"""The headline about the block that turns least beside the one that is missed least."""

from odograph.sentences.numbers import number


def least_headline(turns: int, costs: int, change: float, least: float, *, clear: bool) -> str:
    """What skipping each costs, where that is clearly apart; else which they are.

    Args:
        turns: the block that turns vectors least, and costs `change`.
        costs: the block that is missed least, and costs `least`.
        change: in nats.
        least: in nats.
        clear: whether the interval of the difference lies above 0.
    """
    said = f"Block {turns} turns vectors least"
    if turns == costs:
        return f"{said} and is also missed least: skipping it costs {number(change)} nats"
    if clear:
        return (
            f"{said}, yet skipping it costs {number(change)} nats; skipping block {costs} costs "
            f"{number(least)}"
        )
    return f"{said}, block {costs} is missed least; their costs are not clearly apart"
