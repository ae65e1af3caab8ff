"""Lengths of both parts: of every token of a passage, and by layer with the same in the nulls."""

from dataclasses import dataclass, replace

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.heatmaps import MapPanel, MapTokens, draw_heatmaps
from odograph.figures.marks import Labels
from odograph.figures.profile import Band
from odograph.folder.documents import by_document
from odograph.folder.run import Run
from odograph.folder.selection import (
    Floats,
    Ints,
    Means,
    columns_of,
    in_common,
    numbers,
    passage_names,
    profile_means,
    require_rows,
    usable,
)
from odograph.statistics.designs.one_sample import MeanProfile, mean_profile
from odograph.studies.contributions.ties import PARTS
from odograph.studies.curves import twin_bands
from odograph.studies.defaults import FindingDefaults
from odograph.studies.parts import WHOLE, closure_of, closure_words, layout_note
from odograph.studies.phrases import twin_null
from odograph.studies.random_order import (
    RandomOrder,
    in_random_order,
    random_order_bands,
    random_orders,
    with_random_order,
)
from odograph.studies.result import Plot
from odograph.studies.section import Analysis, Answer

_ALONG = "(partition by passage, position order by layer)"


@dataclass(frozen=True, eq=False)
class Profile:
    """A measure by layer: its passages [passages, L], their mean, and the untrained twins.

    `names` are those of the passages, where known; `shuffled` is the same in random order.
    """

    passages: Floats
    mean: MeanProfile
    twins: Floats | None
    excluded: int
    names: tuple[str, ...] = ()
    shuffled: RandomOrder | None = None

    def bands(self, layers: Ints) -> list[Band]:
        """The nulls of a picture: untrained twins, and the same words in random order."""
        return [*twin_bands(self.twins, layers), *random_order_bands(self.shuffled, layers)]


def sizes(analysis: Analysis) -> dict[str, Profile]:
    """The length of each part's step in units of the state before the block."""
    run = analysis.run
    before = "stream_norm" if "stream_norm" in columns_of(run, "layers") else "norm"
    steps = dict(zip(PARTS, ("attention_step", "mlp_step"), strict=True))
    return {
        part: _size(run, f"{step}::double / lag({before}) over {_ALONG}")
        for part, step in steps.items()
    }


def _size(run: Run, expression: str) -> Profile:
    means = profile_means(run, expression)
    twins = in_common([profile_means(twin, expression) for twin in run.untrained])
    found = _profile(run, require_rows(means.values, "token"), twins, means.excluded)
    return replace(found, shuffled=in_random_order(run, means, expression))


def _profile(run: Run, values: Floats, twins: Floats | None, excluded: int) -> Profile:
    mean = mean_profile(values, None, seed=run.seed)
    return Profile(values, mean, twins, excluded)


def share(analysis: Analysis) -> Profile:
    """Attention's share of |a + m|^2: the sum of |a|^2 + a.m over that of |a + m|^2, by passage.

    The MLP's is 1 minus it. A share lies below 0 or above 1 where the other part, being longer,
    points against it.
    """
    run = analysis.run
    own = attention_shares(run)
    twins = [attention_shares(twin).values for twin in run.untrained]
    alike = len({len(t) for t in twins}) == 1
    found = _profile(
        run,
        require_rows(own.values, "token"),
        np.stack(twins) if twins and alike else None,
        own.excluded,
    )
    shuffled = random_orders(run, own, attention_shares)
    return replace(found, names=passage_names(run, own.units), shuffled=shuffled)


def attention_shares(run: Run) -> Means:
    """Attention's share of the squared step in each passage, over documents: [documents, L]."""
    product = "attention_step::double * mlp_step * update_cosine"
    own = profile_means(run, f"pow(attention_step::double, 2) + {product}", per="passage")
    whole = profile_means(run, f"pow({WHOLE}, 2)", per="passage")
    shared = np.intersect1d(own.units, whole.units)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = own.values[np.isin(own.units, shared)] / whole.values[np.isin(whole.units, shared)]
    return _over_documents(run, Means(shared, values, layers=own.layers))


def _over_documents(run: Run, means: Means) -> Means:
    """The means of passages averaged over documents; a document without a number is left out.

    means: `units` are passages, values [passages, layers].
    """
    found = run.sql(
        f"select distinct passage, document from tokens where {usable(run)}"
    ).fetchnumpy()
    of = dict(zip(found["passage"].tolist(), found["document"].tolist(), strict=True))
    documents = np.array([of[passage] for passage in means.units.tolist()], np.int64)
    every = len(np.unique(found["document"]))
    if not len(documents):
        return replace(means, excluded=every)
    values = by_document(means.values, means.units, documents)
    whole = np.isfinite(values).all(axis=1)
    units = np.unique(documents)[whole]
    return Means(units, values[whole], every - len(units), means.layers)


def layers_of(run: Run) -> Ints:
    """Blocks 1..L."""
    return np.arange(1, run.blocks + 1)


def defaults_of(analysis: Analysis) -> FindingDefaults:
    """What all findings of the study share."""
    found, null = analysis.once(share), twin_null(analysis.run)
    return FindingDefaults(
        analysis.study,
        {},
        n=len(found.passages),
        null=null,
        excluded=found.excluded,
        unit_of_inference=analysis.run.unit,
    )


def null_of(analysis: Analysis) -> str:
    """Twins and random order, as the captions of all figures have them."""
    return with_random_order(twin_null(analysis.run), analysis.once(share).shuffled)


_TITLES = {
    "attention": "|a|: what attention adds",
    "mlp": "|m|: what the MLP adds",
    "whole": "|a + m|: the whole step",
}
_ARITHMETIC = (
    "|a + m|² = |a|² + |m|² + 2 a·m, so each part's length is correlated with that of the "
    "whole by arithmetic: every correlation is shown beside what is left of it when the "
    "cosines of the two parts are dealt out anew among the tokens of a passage."
)


def maps(analysis: Analysis) -> Answer:
    """One passage as heat maps, and what must be known of the two parts."""
    run = analysis.run
    notes = [layout_note(run), closure_words(closure_of(run)), _ARITHMETIC]
    return Answer(plots=[_plot(run)], notes=notes)


def _plot(run: Run) -> Plot:
    name, lengths, tokens, sinks = first_passage(run)
    title = f"Length of each part's step and of the whole, {name}"
    return Plot(
        "contributions_maps",
        title,
        f"One passage of {len(tokens)} tokens, descriptive. One logarithmic colour scale for all "
        "three; it ends at 1 and 99 % of the values without position 0 and sinks (triangles), "
        "which are drawn in their place and may lie beyond its ends.",
        "none: a single passage; the profiles show the nulls",
        later(
            draw_heatmaps,
            [MapPanel(_TITLES[part], values) for part, values in lengths.items()],
            layers_of(run),
            MapTokens(tokens, sinks),
            Labels(title, "position" if len(tokens) > 40 else "token", "block"),
        ),
        unit="one passage, descriptive",
    )


def first_passage(run: Run) -> tuple[str, dict[str, Floats], list[str], list[int]]:
    """The first passage: its name, lengths [L, tokens] by measure, its tokens, and its sinks."""
    tokens = run.sql(
        "select token, sink or position = 0 as sink, passage_id from tokens "
        "where passage = (select min(passage) from tokens) order by position"
    ).fetchnumpy()
    found = numbers(
        run.sql(f"""
        select attention_step::double as attention, mlp_step::double as mlp, {WHOLE} as whole
        from layers where passage = (select min(passage) from tokens) and layer > 0
        order by position, layer""")
    )
    lengths = {name: v.reshape(-1, run.blocks).T for name, v in found.items()}
    sinks = np.flatnonzero(tokens["sink"]).tolist()
    return str(tokens["passage_id"][0]), lengths, [str(t) for t in tokens["token"]], sinks
