"""What the study looks at: the length of each part's step, and attention's share of the whole."""

from functools import partial

from odograph.folder.expressions import relative_size
from odograph.folder.run_words import twin_null
from odograph.folder.samples.part_lengths import attention_shares
from odograph.folder.samples.ties import PARTS
from odograph.folder.selection import columns_of, profile_means
from odograph.studies.defaults import FindingDefaults
from odograph.studies.profile import Profile, read_profile
from odograph.studies.section import Analysis


def sizes(analysis: Analysis) -> dict[str, Profile]:
    """The length of each part's step in units of the state before the block."""
    run = analysis.run
    before = "stream_norm" if "stream_norm" in columns_of(run, "layers") else "norm"
    steps = dict(zip(PARTS, ("attention_step", "mlp_step"), strict=True))
    return {
        part: read_profile(
            run,
            partial(profile_means, expression=relative_size(step, before)),
        )
        for part, step in steps.items()
    }


def share(analysis: Analysis) -> Profile:
    """Attention's share of |a + m|^2: the sum of |a|^2 + a.m over that of |a + m|^2, by passage.

    The MLP's is 1 minus it. A share lies below 0 or above 1 where the other part, being longer,
    points against it.
    """
    return read_profile(analysis.run, attention_shares)


def defaults_of(analysis: Analysis) -> FindingDefaults:
    """What all findings of the study share."""
    return analysis.once(share).defaults(analysis, twin_null(analysis.run))
