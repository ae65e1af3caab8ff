"""What undoing the turn, the growth or all of a block costs, in sentences."""

import numpy as np

from odograph.sentences.english import layers_named, ranges
from odograph.sentences.numbers import coefficient, number
from odograph.statistics.correlations.coefficients import SPEARMAN
from odograph.statistics.correlations.layers import Correlations
from odograph.statistics.designs.paired import PairedProfile
from odograph.statistics.permutation import ALPHA
from odograph.statistics.values import PValue


def turn_or_growth(profile: PairedProfile) -> str:
    """In which blocks the one is worth more than the other."""
    more, less = (profile.found & (sign * profile.difference > 0) for sign in (1, -1))
    if not profile.family:
        return ""
    said = [
        f"the {name} is worth more in {layers_named(mask)}"
        for name, mask in (("turn", more), ("growth", less))
        if mask.any()
    ]
    where = "; ".join(said) or "neither is worth more in any block"
    return f"Block by block (max-T over {profile.family} blocks, p < .05): {where}."


def block_or_turn_headline(tested: PValue, estimate: float, block: int) -> str:
    """Whether undoing all of a block and undoing its turn differ in cost."""
    if tested.p is not None and tested.p >= ALPHA:
        return "Undoing all of a block and undoing its turn are not shown to differ in cost"
    more = "more" if estimate > 0 else "less"
    size = number(abs(estimate))
    return f"Undoing all of block {block} costs {size} nats {more} than undoing its turn alone"


def blocks_of_each_sign(profile: PairedProfile) -> list[str]:
    """In which blocks the whole costs more, and in which the turn."""
    return [layers_named(profile.found & (sign * profile.difference > 0)) for sign in (1, -1)]


def larger_turns_headline(tested: PValue, r: float, block: int) -> str:
    """Whether, over tokens, larger turns go with larger losses."""
    if tested.p is not None and tested.p >= ALPHA:
        return "Over tokens, larger turns are not shown to go with larger or smaller losses"
    losses = "larger" if r > 0 else "smaller"
    closest = f"most closely in block {block}: r = {coefficient(r)}"
    return f"Over tokens, larger turns go with {losses} losses {closest}"


def tied_blocks(found: Correlations) -> str:
    """In which blocks turn and loss are tied; "" where nothing was tested."""
    shown = np.nan_to_num(found.p_max_t[SPEARMAN], nan=1.0) < ALPHA
    if not found.family:
        return ""
    blocks = (np.flatnonzero(shown) + 1).tolist()
    return f"Tied in {ranges('block', blocks)}. " if blocks else "Tied in no block. "
