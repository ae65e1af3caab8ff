"""Which of attention and MLP shapes the step: lengths, shares, ties and their arithmetic."""

from odograph.folder.glance import Glance, Row
from odograph.folder.requirements import require_all_tokens
from odograph.folder.run import Run
from odograph.folder.samples.ties import ties_in
from odograph.sentences.names import card_test, name_of_test
from odograph.studies.contributions.correlations import beyond_arithmetic, closer, first_token
from odograph.studies.contributions.maps import maps
from odograph.studies.contributions.picked import share
from odograph.studies.contributions.shares import relative_sizes, share_test, shares
from odograph.studies.demo import PROSE
from odograph.studies.parts import NEEDS, require_parts, unit_words, with_closure
from odograph.studies.questions.conditions import conditions
from odograph.studies.sample import Quantity
from odograph.studies.section import Analysis
from odograph.studies.study import Study


def _require_all_parts(run: Run) -> None:
    """Nothing, if the parts of all tokens were measured.

    Raises:
        StudyError: the decomposition was refused or not measured, or not of all tokens.
    """
    require_parts(run)
    require_all_tokens(run, "contributions")


def _card(analysis: Analysis) -> tuple[str, str]:
    test, ties = analysis.once(share_test), analysis.read(ties_in)
    unit = unit_words(len(analysis.once(share).passages), analysis.run.unit)
    if ties is None or not test.family:
        return unit, name_of_test(test.test)
    tests = [
        f"{name_of_test(test.test)}; family of {test.family} layers (shares), "
        f"{ties.differences.family} (differences of r), {ties.beyond.family} (beyond arithmetic)"
    ]
    if own := ties.without.family:
        tests.append(card_test(ties.without.test, own, "correlations"))
    return unit, "; ".join(tests)


#: Token by token; the share of the step itself is none of a token, but of sums over many.
LENGTHS = Quantity(
    "attention's share of the lengths of both steps",
    "attention_step / (attention_step + mlp_step)",
    contrast=None,
)

STUDY = Study(
    name="contributions",
    question="Which of the two shapes a block's step: what attention adds, or what the MLP adds?",
    measure="attention_step",
    sections=(
        maps,
        relative_sizes,
        shares,
        closer,
        beyond_arithmetic,
        first_token,
        conditions(LENGTHS),
    ),
    needs=NEEDS,
    requires=_require_all_parts,
    card=_card,
    amended=with_closure,
    demo=PROSE,
    glance=Glance(
        "contributions_layers",
        (
            Row("attention / state", "attention_size"),
            Row("MLP / state", "mlp_size"),
            Row("attention's share", "attention_share", p="attention_share_p_max_t"),
            Row("untrained", "attention_share_untrained"),
        ),
    ),
)
