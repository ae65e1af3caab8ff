"""Two groups of tokens paired by passage, and the tests of them."""

from dataclasses import dataclass

from odograph.folder.selection import Floats, Pairs
from odograph.sentences.differences import cluster_method
from odograph.sentences.names import name_of_test
from odograph.statistics.designs.paired import PairedProfile, paired_profile
from odograph.statistics.designs.seeds import SeedTest, seed_test
from odograph.statistics.permutation import FEWEST_PAIRS
from odograph.studies.split import single_test_of


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
        twins: target minus control in each untrained twin, [twins, units, layers]; None without.
        drawn: the same of the model, in the units that the twins have too: [units, layers].
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
    twins: Floats | None = None
    drawn: Floats | None = None
    words: int = 0

    @property
    def over_seeds(self) -> SeedTest | None:
        """The difference by layer against that of the twins; None without twins."""
        if self.twins is None or self.drawn is None:
            return None
        return seed_test(self.drawn.mean(axis=0), self.twins.mean(axis=1))

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
