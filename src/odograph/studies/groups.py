"""Two groups of tokens paired by passage, the tests of them, and what leads of these.

Where a mean over blocks hides blocks on both sides of 0, their curve leads.
"""

from dataclasses import dataclass

from odograph.folder.samples.nulls import NO_NULLS, Nulls
from odograph.folder.selection import Floats, Pairs
from odograph.sentences.differences import cluster_method
from odograph.sentences.names import name_of_test
from odograph.statistics.designs.paired import PairedProfile, paired_profile
from odograph.statistics.permutation import FEWEST_PAIRS, single_test_of


@dataclass(frozen=True)
class Groups:
    """Two groups in the same passages, with their names in a sentence and the tests of them.

    Attributes:
        measure: as a sentence names it ("rotation"); in the unit of the findings.
        target, control: "'her'", "the token before it".
        pairs: both groups' profiles.
        profile: the paired tests, layer by layer.
        seed: of every draw.
        along: what a layer of the profile is: a "block" for steps, a "layer" for states.
        explored: both groups in the exploration half, where layers are chosen; None of a whole run.
        nulls: target minus control in the untrained twins.
        words: how many target words there are.
    """

    measure: str
    target: str
    control: str
    pairs: Pairs
    profile: PairedProfile
    seed: int
    along: str = "block"
    explored: Pairs | None = None
    nulls: Nulls = NO_NULLS
    words: int = 0

    @property
    def differences(self) -> Floats:
        """Target minus control: [passages, layers]."""
        return self.pairs.target - self.pairs.control


def paired(found: Pairs, seed: int) -> PairedProfile:
    """The paired tests of target against control."""
    return paired_profile(
        found.target, found.control, found.layers, seed=seed, excluded=found.excluded
    )


def paired_tests(groups: Groups) -> str:
    """The tests of two groups as a card names them."""
    profile = groups.profile
    if not profile.family:
        return f"none: fewer than {FEWEST_PAIRS} pairs"
    if groups.explored is not None:
        single = name_of_test(single_test_of(profile.n))
        return f"{single}, single tests of what was chosen on the other half"
    tests = f"{name_of_test(profile.test)}; {cluster_method(profile)}"
    return f"{tests}; family of {profile.family} layers"
